package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.ReleaseChange;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices release}: gives rungs back to the policy. */
@Command(name = "release", description = "Gives the rung of devices back to the policy.")
final class ReleaseCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  ReleaseCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setRelease(ReleaseChange.getDefaultInstance()).build(),
        "released");
  }
}
