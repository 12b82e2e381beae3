package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.LiftQuarantineChange;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices lift}: ends a quarantine. */
@Command(name = "lift", description = "Ends a quarantine; takes back the mark of a copied device.")
final class LiftCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  LiftCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setLiftQuarantine(LiftQuarantineChange.getDefaultInstance()).build(),
        "out of quarantine");
  }
}
