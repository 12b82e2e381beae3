package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom jobs}: families made of uploaded teachers, one after the other. */
@Command(
    name = "jobs",
    description = "Jobs that make families of uploaded teachers.",
    synopsisSubcommandLabel = "COMMAND")
public final class JobsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private JobsCommand() {}

  /** The command with those below it. */
  public static CommandLine line(Context context) {
    return new CommandLine(new JobsCommand())
        .addSubcommand(new JobsSubmitCommand(context))
        .addSubcommand(new JobsListCommand(context))
        .addSubcommand(new JobsShowCommand(context))
        .addSubcommand(new JobsCancelCommand(context))
        .addSubcommand(new JobsPrioritiseCommand(context))
        .addSubcommand(new JobsRetryCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
