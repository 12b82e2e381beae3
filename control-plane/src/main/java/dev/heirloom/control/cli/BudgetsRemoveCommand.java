package dev.heirloom.control.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom budgets remove}: a rule less. */
@Command(name = "remove", description = "Removes a rule.")
final class BudgetsRemoveCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "As 'budgets list' shows it.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BudgetsRemoveCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    context.result(BudgetTexts.rules(plane.ask(client -> client.removeBudgetRule(name))));
    return 0;
  }
}
