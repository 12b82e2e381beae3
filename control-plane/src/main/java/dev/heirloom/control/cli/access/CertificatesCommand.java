package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom certificates}: which devices are who they say. */
@Command(
    name = "certificates",
    description = "Certificates of devices.",
    synopsisSubcommandLabel = "COMMAND")
public final class CertificatesCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private CertificatesCommand() {}

  public static CommandLine line(Context context) {
    return new CommandLine(new CertificatesCommand())
        .addSubcommand(new CertificatesListCommand(context))
        .addSubcommand(new CertificatesRevokeCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
