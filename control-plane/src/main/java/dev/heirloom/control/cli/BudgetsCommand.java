package dev.heirloom.control.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom budgets}: budgets by labels, for every device that has them. */
@Command(
    name = "budgets",
    description = "Budgets for all devices with certain labels.",
    synopsisSubcommandLabel = "COMMAND")
final class BudgetsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  static CommandLine line(Context context) {
    return new CommandLine(new BudgetsCommand())
        .addSubcommand(new BudgetsListCommand(context))
        .addSubcommand(new BudgetsSetCommand(context))
        .addSubcommand(new BudgetsRemoveCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
