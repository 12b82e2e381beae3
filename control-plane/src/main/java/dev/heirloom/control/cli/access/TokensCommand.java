package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom tokens}: who may call. */
@Command(
    name = "tokens",
    description = "Tokens: who may call, and what.",
    synopsisSubcommandLabel = "COMMAND")
public final class TokensCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private TokensCommand() {}

  public static CommandLine line(Context context) {
    return new CommandLine(new TokensCommand())
        .addSubcommand(new TokensCreateCommand(context))
        .addSubcommand(new TokensListCommand(context))
        .addSubcommand(new TokensRevokeCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
