package dev.heirloom.control.demo;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.StartException;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.HostPort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A control plane on free loopback ports.
 *
 * @param grpc where agents and clients call
 * @param dashboard address of the dashboard
 * @param end ends it
 */
record PlaneHandle(HostPort grpc, String dashboard, Runnable end) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Pattern READY = Pattern.compile("gRPC +(\\S+)\\R+dashboard +(\\S+)\\R");

  /** One in this process. */
  static PlaneHandle here(Path data, DeliverySettings delivery)
      throws StartException, InterruptedException {
    String host = ControlPlaneSettings.LOOPBACK;
    ControlPlane plane =
        ControlPlane.start(new ControlPlaneSettings(data, 0, 0, host, false, delivery));
    return new PlaneHandle(
        new HostPort(host, plane.grpcPort()),
        "http://" + new HostPort(host, plane.httpPort()) + "/",
        plane::close);
  }

  /** One in a process of its own. */
  static PlaneHandle apart(Path directory, String launcher)
      throws IOException, CommandException, InterruptedException {
    Path log = directory.resolve("control-plane.log");
    List<String> arguments =
        List.of(
            "control-plane",
            "--data",
            directory.resolve("control-plane").toString(),
            "--grpc",
            "0",
            "--http",
            "0");
    ChildProcess process = ChildProcess.start("control-plane", launcher, arguments, log);
    long untilNs = System.nanoTime() + PATIENCE.toNanos();
    Optional<Matcher> ready = said(log);
    while (ready.isEmpty() && System.nanoTime() < untilNs && !process.endsWithin(LOOK_EVERY)) {
      ready = said(log);
    }
    if (ready.isEmpty()) {
      List<String> lines = process.lastLines();
      process.close();
      throw new CommandException(
          "the control plane does not come up", lines.toArray(String[]::new));
    }
    return new PlaneHandle(
        HostPort.parse(ready.get().group(1)), ready.get().group(2), process::close);
  }

  private static Optional<Matcher> said(Path log) throws IOException {
    return Optional.of(READY.matcher(Files.readString(log, StandardCharsets.UTF_8)))
        .filter(Matcher::find);
  }
}
