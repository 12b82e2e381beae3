package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom teachers}: trained networks and their data, on the control plane. */
@Command(
    name = "teachers",
    description = "Teachers and data, for jobs.",
    synopsisSubcommandLabel = "COMMAND")
public final class TeachersCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private TeachersCommand() {}

  /** The command with those below it. */
  public static CommandLine line(Context context) {
    return new CommandLine(new TeachersCommand())
        .addSubcommand(new TeachersUploadCommand(context))
        .addSubcommand(new TeachersListCommand(context))
        .addSubcommand(new TeachersRemoveCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
