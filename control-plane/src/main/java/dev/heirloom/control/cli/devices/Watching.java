package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.DevicesClient;
import dev.heirloom.proto.v1.Device;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Prints devices as they change. */
final class Watching {
  private static final Duration GLANCE = Duration.ofMillis(500);

  private Watching() {}

  /**
   * Prints until the process is interrupted.
   *
   * @param every whether each device is printed once before its first change
   * @throws IOException where the control plane ends the watch
   */
  static int run(
      Context context,
      ControlPlaneOption plane,
      Map<String, String> selector,
      boolean json,
      boolean every)
      throws Exception {
    return plane.ask(
        client -> {
          try (DevicesClient.Answers<Device> changes = new DevicesClient(client).watch(selector)) {
            Set<String> seen = new HashSet<>();
            while (!context.interruption().requested()) {
              Optional<Device> next = changes.next(GLANCE);
              if (next.isEmpty() && changes.ended()) {
                throw new IOException("the control plane ended the watch");
              }
              next.filter(device -> !seen.add(device.getName()) || every)
                  .ifPresent(device -> context.result(line(device, json)));
            }
            return ExitCodes.INTERRUPTED;
          }
        });
  }

  private static String line(Device device, boolean json) {
    return json ? DeviceTexts.json(device) : DeviceTexts.line(device, Instant.now());
  }
}
