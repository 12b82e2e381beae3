package dev.heirloom.control.cli.devices;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.DevicesClient;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.ChangeDevicesResponse;
import dev.heirloom.proto.v1.DeviceResult;
import dev.heirloom.proto.v1.DeviceResult.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Has devices changed, and says of each what became of it. */
final class Changes {
  private Changes() {}

  /**
   * Asks for a change and prints the answers.
   *
   * @param done what was done to those that changed, as in {@code pinned}
   * @return the exit code
   */
  static int run(
      Context context,
      ControlPlaneOption plane,
      TargetOptions targets,
      ChangeDevicesRequest request,
      String done)
      throws Exception {
    List<DeviceResult> results = plane.ask(client -> results(new DevicesClient(client), request));
    results.sort(Comparator.comparing(DeviceResult::getName));
    for (DeviceResult result : results) {
      context.result(targets.json() ? json(result) : text(result, done));
    }
    long failed = results.stream().filter(result -> !fine(result)).count();
    if (!targets.json()) {
      context.result(summary(targets.dryRun(), results.size(), failed));
    }
    if (failed == 0) {
      return ExitCodes.DONE;
    }
    boolean unknown = results.stream().allMatch(r -> r.getStatus() == Status.STATUS_UNKNOWN_DEVICE);
    throw new CommandException(
        failed < results.size()
            ? ExitCodes.PARTLY
            : unknown ? ExitCodes.NOT_FOUND : ExitCodes.REFUSED,
        failed
            + " of "
            + results.size()
            + (results.size() == 1 ? " device" : " devices")
            + " did not change");
  }

  private static List<DeviceResult> results(DevicesClient client, ChangeDevicesRequest request)
      throws ControlPlaneException, InterruptedException {
    List<DeviceResult> results = new ArrayList<>();
    try (DevicesClient.Answers<ChangeDevicesResponse> answers = client.change(request)) {
      for (Optional<ChangeDevicesResponse> next = answers.next();
          next.isPresent();
          next = answers.next()) {
        if (next.get().hasResult()) {
          results.add(next.get().getResult());
        }
      }
    }
    return results;
  }

  private static boolean fine(DeviceResult result) {
    return result.getStatus() == Status.STATUS_CHANGED
        || result.getStatus() == Status.STATUS_WOULD_CHANGE;
  }

  private static String text(DeviceResult result, String done) {
    String what =
        switch (result.getStatus()) {
          case STATUS_CHANGED -> done;
          case STATUS_WOULD_CHANGE -> "would be " + done;
          default -> "not " + done + ": " + result.getMessage();
        };
    return result.getName() + ": " + what;
  }

  private static String summary(boolean dryRun, int devices, long failed) {
    if (devices == 0) {
      return "no device matches";
    }
    long fine = devices - failed;
    return fine + " of " + devices + (dryRun ? " would change; nothing was touched" : " changed");
  }

  private static String json(DeviceResult result) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", result.getName())
        .put("status", result.getStatus().name().replace("STATUS_", "").toLowerCase(Locale.ROOT))
        .put("message", result.getMessage())
        .toString();
  }
}
