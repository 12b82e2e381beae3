package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Outcome;
import java.io.IOException;

/** Moves a device from rung to rung by pinning it. */
record Pinning(Watched watched) {

  /** Moves a device and waits until it serves the rung; gives the outcome of that decision. */
  Outcome to(String name, int rung)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    watched.fleet().client().pin(name, rung);
    return settled(name, rung);
  }

  /** Waits until a device serves a rung that was decided on last. */
  Outcome settled(String name, int rung)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    Device device =
        watched.await(
            name + " on rung " + rung,
            changed ->
                changed.getName().equals(name)
                    && changed.getReportedRung() == rung
                    && changed.getDecisionsCount() > 0
                    && last(changed).getToRung() == rung
                    && last(changed).hasOutcome());
    return last(device).getOutcome();
  }

  private static Decision last(Device device) {
    return device.getDecisions(device.getDecisionsCount() - 1);
  }
}
