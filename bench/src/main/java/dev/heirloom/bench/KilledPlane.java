package dev.heirloom.bench;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A control plane in a process of its own that is killed and started again on the same port. */
public final class KilledPlane implements AutoCloseable {
  private final Path data;
  private final int port;
  private Process process;

  private KilledPlane(Path data, int port) throws IOException {
    this.data = data;
    this.port = port;
    this.process = started();
  }

  static KilledPlane start(Path data) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    return new KilledPlane(data, port);
  }

  /** Starts it and waits until it answers. */
  private Process started() throws IOException {
    Process next =
        ChildJvm.builder(
                List.of(),
                List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
                KilledPlane.class,
                List.of(data.toString(), Integer.toString(port)))
            .redirectError(data.resolveSibling(data.getFileName() + ".log").toFile())
            .start();
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(next.getInputStream(), StandardCharsets.UTF_8));
    if (answers.readLine() == null) {
      throw new IOException("the control plane does not start on " + data);
    }
    return next;
  }

  int port() {
    return port;
  }

  /** SIGKILL, and a new process on what that left. */
  void killAndRestart() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    process = started();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The program: says its port when it answers, and runs until it is killed. */
  public static void main(String[] arguments) throws Exception {
    try (ControlPlane plane =
        ControlPlane.start(
            new ControlPlaneSettings(Path.of(arguments[0]), Integer.parseInt(arguments[1]), 0))) {
      System.out.println(plane.grpcPort());
      plane.awaitStop();
    }
  }
}
