package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.ModelsClient;
import dev.heirloom.proto.v1.FamilySummary;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom families list}: every version of every family. */
@Command(name = "list", description = "Lists every version of every family, the newest last.")
final class FamiliesListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object for each version.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  FamiliesListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<FamilySummary> families = plane.ask(client -> new ModelsClient(client).families());
    if (json) {
      families.forEach(family -> context.result(FamilyPages.json(family)));
    } else {
      context.result(FamilyPages.table(families));
    }
    return ExitCodes.DONE;
  }
}
