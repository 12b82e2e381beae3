package dev.heirloom.control.cli.devices;

import dev.heirloom.proto.v1.ChangeDevicesRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which devices a command changes: some by name, those with certain labels, or every one. */
final class TargetOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "Names of devices.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--selector",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them.")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(names = "--every-device", description = "Every device of the fleet.")
  private boolean every;

  @Option(names = "--dry-run", description = "Say which devices would be touched; touch none.")
  private boolean dryRun;

  @Option(
      names = "--at-most",
      paramLabel = "N",
      description = "Touch nothing where more devices than that match.")
  private int atMost;

  @Option(names = "--json", description = "Print one JSON object for each device.")
  private boolean json;

  boolean json() {
    return json;
  }

  boolean dryRun() {
    return dryRun;
  }

  /** A request without its change. */
  ChangeDevicesRequest.Builder request() {
    int given = (names.isEmpty() ? 0 : 1) + (selector.isEmpty() ? 0 : 1) + (every ? 1 : 0);
    if (given != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "which devices? (expected: names, --selector or --every-device, one of them)");
    }
    if (atMost < 0) {
      throw new ParameterException(
          spec.commandLine(), "--at-most: " + atMost + " (expected: 1 or more)");
    }
    return ChangeDevicesRequest.newBuilder()
        .addAllNames(names)
        .putAllSelector(selector)
        .setEveryDevice(every)
        .setDryRun(dryRun)
        .setAtMost(atMost);
  }
}
