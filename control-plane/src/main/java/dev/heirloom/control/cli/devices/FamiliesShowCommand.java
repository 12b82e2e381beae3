package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.CommandException;
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
import picocli.CommandLine.Parameters;

/** {@code heirloom families show}: the newest version of a family, rung by rung. */
@Command(name = "show", description = "Shows the newest version of a family, rung by rung.")
final class FamiliesShowCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "Of the family.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  FamiliesShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<FamilySummary> versions =
        plane.ask(client -> new ModelsClient(client).families()).stream()
            .filter(family -> family.getName().equals(name))
            .toList();
    if (versions.isEmpty()) {
      throw new CommandException(
          ExitCodes.NOT_FOUND, "no such family: " + name, "'heirloom families list' names them.");
    }
    FamilySummary newest = versions.get(versions.size() - 1);
    context.result(json ? FamilyPages.json(newest) : FamilyPages.text(newest, versions.size()));
    return ExitCodes.DONE;
  }
}
