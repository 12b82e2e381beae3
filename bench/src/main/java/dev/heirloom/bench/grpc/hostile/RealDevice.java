package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.demo.ChildProcess;
import dev.heirloom.proto.v1.Device;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent in a process of its own that serves applications on a port. */
final class RealDevice implements AutoCloseable {
  static final String NAME = "real-device";
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long LOOK_MS = 100;

  private final ChildProcess process;
  private final int port;

  private RealDevice(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it.
   *
   * @param launcher starts the program
   * @param planePort of the control plane
   */
  static RealDevice start(Path directory, String launcher, int planePort, String family)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path home = Files.createDirectories(directory.resolve(NAME));
    List<String> arguments =
        List.of(
            "agent",
            "--control-plane",
            "127.0.0.1:" + planePort,
            "--name",
            NAME,
            "--state",
            home.resolve("state").toString(),
            "--window",
            "1s",
            "--family",
            family,
            "--p95-budget",
            "1s",
            "--serve",
            Integer.toString(port));
    return new RealDevice(
        ChildProcess.start(NAME, launcher, arguments, home.resolve("agent.log")), port);
  }

  /** On which it serves applications. */
  int port() {
    return port;
  }

  boolean alive() {
    return process.alive();
  }

  /** As its control plane sees it. */
  Device seen(ControlPlaneClient operator) throws ControlPlaneException {
    return operator.devices().stream()
        .filter(device -> device.getName().equals(NAME))
        .findFirst()
        .orElse(Device.getDefaultInstance());
  }

  /** Waits until it serves. */
  void awaitServing(ControlPlaneClient operator)
      throws ControlPlaneException, IOException, InterruptedException {
    long untilNs = System.nanoTime() + PATIENCE_NS;
    while (seen(operator).getReportedRung() == 0) {
      if (System.nanoTime() > untilNs || !alive()) {
        throw new IOException("the agent does not serve: " + process.lastLines());
      }
      Thread.sleep(LOOK_MS);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
