package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom budgets list}: the rules in the order in which they are heard. */
@Command(name = "list", description = "Lists the rules, those that are heard first on top.")
final class BudgetsListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BudgetsListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    context.result(BudgetTexts.rules(plane.ask(ControlPlaneClient::budgetRules)));
    return 0;
  }
}
