package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.RemoveChange;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices remove}: forgets devices. */
@Command(
    name = "remove",
    description = "Forgets devices and ends their streams; one that enrols again is new.")
final class RemoveCommand implements Callable<Integer> {
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

  RemoveCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setRemove(RemoveChange.newBuilder().setReason(reason)).build(),
        "removed");
  }
}
