package dev.heirloom.bench;

import dev.heirloom.control.cli.HeirloomMain;
import dev.heirloom.control.cli.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A control plane in a process of its own that ends by SIGKILL only, and is started again on the
 * same ports; and the trainer that it starts.
 */
final class KilledPlane implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(2);
  private static final int HTTP_OK = 200;
  private static final long LOOK_MS = 50;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path data;
  private final Path log;
  private final int grpcPort;
  private final int httpPort;
  private Process process;

  private KilledPlane(Path data, Path log, int grpcPort, int httpPort) throws IOException {
    this.data = data;
    this.log = log;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
    this.process = launch();
  }

  static KilledPlane start(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    KilledPlane plane =
        new KilledPlane(
            directory.resolve("control-plane"),
            directory.resolve("control-plane.log"),
            freePort(),
            freePort());
    plane.awaitUp();
    return plane;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Process launch() throws IOException {
    return ChildJvm.builder(
            List.of(),
            List.of(),
            HeirloomMain.class,
            List.of(
                "control-plane",
                "--data",
                data.toString(),
                "--grpc",
                Integer.toString(grpcPort),
                "--http",
                Integer.toString(httpPort)))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void awaitUp() throws IOException, InterruptedException {
    long untilNs = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < untilNs) {
      if (!process.isAlive()) {
        throw new IOException("the control plane ended; see " + log);
      }
      if (ready()) {
        return;
      }
      Thread.sleep(LOOK_MS);
    }
    throw new IOException("the control plane does not come up; see " + log);
  }

  private boolean ready() throws InterruptedException {
    try {
      return client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/ready"))
                      .timeout(LONGEST_ANSWER)
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }

  HostPort address() {
    return new HostPort("127.0.0.1", grpcPort);
  }

  int port() {
    return grpcPort;
  }

  Path data() {
    return data;
  }

  /** Ends it where it is, and starts it again. */
  void killAndRestart() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    process = launch();
    awaitUp();
  }

  /** The trainer that it started, while there is one. */
  Optional<ProcessHandle> trainer() {
    return process
        .descendants()
        .filter(
            child -> child.info().arguments().map(List::of).orElse(List.of()).contains("trainer"))
        .filter(ProcessHandle::isAlive)
        .findFirst();
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      process.waitFor();
      for (ProcessHandle child : children) {
        child.onExit().join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
