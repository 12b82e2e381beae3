package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom families}: what is published. */
@Command(
    name = "families",
    description = "Families that the control plane has.",
    synopsisSubcommandLabel = "COMMAND")
public final class FamiliesCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private FamiliesCommand() {}

  /** The command with those below it. */
  public static CommandLine line(Context context) {
    return new CommandLine(new FamiliesCommand())
        .addSubcommand(new FamiliesListCommand(context))
        .addSubcommand(new FamiliesShowCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
