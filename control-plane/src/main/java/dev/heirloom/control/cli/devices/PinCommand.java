package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.PinChange;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices pin}: holds devices on a rung. */
@Command(name = "pin", description = "Holds devices on a rung, until they are released.")
final class PinCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Option(
      names = "--rung",
      required = true,
      paramLabel = "K",
      description = "From 1, the smallest.")
  private int rung;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  PinCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setPin(PinChange.newBuilder().setRung(rung)).build(),
        "pinned to rung " + rung);
  }
}
