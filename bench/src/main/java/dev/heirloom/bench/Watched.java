package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.Device;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** A fleet's devices as a dashboard sees them. */
record Watched(Run run, DemoFleet fleet, DeviceWatch watch) {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /**
   * Waits for a change of a device.
   *
   * @param what is waited for, for people
   */
  Device await(String what, Predicate<Device> condition)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < PATIENCE.toNanos()) {
      run.check();
      fleet.checkAgents();
      Optional<Device> change = Optional.ofNullable(watch.next(LOOK_EVERY));
      if (change.filter(condition).isPresent()) {
        return change.get();
      }
    }
    throw new CommandException("nothing came in " + PATIENCE.toSeconds() + " s: " + what);
  }
}
