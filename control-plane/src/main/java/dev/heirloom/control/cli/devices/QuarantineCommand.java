package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.QuarantineChange;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices quarantine}: leaves devices alone. */
@Command(
    name = "quarantine",
    description = "Tells devices nothing more until the quarantine is lifted; they go on serving.")
final class QuarantineCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "One line, for whoever looks later.")
  private String reason = "";

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  QuarantineCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setQuarantine(QuarantineChange.newBuilder().setReason(reason)).build(),
        "quarantined");
  }
}
