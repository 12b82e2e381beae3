package dev.heirloom.control.cli.rollouts;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.grpc.RolloutsClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom rollouts}: a version for the fleet, group by group. */
@Command(
    name = "rollouts",
    description = "Brings a version to the fleet group by group, and back where a gate fails.",
    synopsisSubcommandLabel = "COMMAND")
public final class RolloutsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private RolloutsCommand() {}

  public static CommandLine line(Context context) {
    return new CommandLine(new RolloutsCommand())
        .addSubcommand(new RolloutsCreateCommand(context))
        .addSubcommand(new RolloutsListCommand(context))
        .addSubcommand(new RolloutsShowCommand(context))
        .addSubcommand(
            "pause",
            RolloutsChangeCommand.line(
                context, "Lets no group begin or pass.", RolloutsClient::pause))
        .addSubcommand(
            "resume", RolloutsChangeCommand.line(context, "Lets it go on.", RolloutsClient::resume))
        .addSubcommand(
            "abort",
            RolloutsChangeCommand.line(
                context,
                "Gives it up: every device goes back to the current version.",
                RolloutsClient::abort))
        .addSubcommand(
            "retry",
            RolloutsChangeCommand.line(
                context, "Begins anew what was halted or aborted.", RolloutsClient::retry));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
