package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom devices}: devices, one or many at once. */
@Command(
    name = "devices",
    description = "Devices: what they are, what was decided, and what to tell them.",
    synopsisSubcommandLabel = "COMMAND")
public final class DevicesCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private DevicesCommand() {}

  /** The command with those below it. */
  public static CommandLine line(Context context) {
    return new CommandLine(new DevicesCommand())
        .addSubcommand(new ListCommand(context))
        .addSubcommand(new ShowCommand(context))
        .addSubcommand(new PinCommand(context))
        .addSubcommand(new ReleaseCommand(context))
        .addSubcommand(new BudgetCommand(context))
        .addSubcommand(new LabelCommand(context))
        .addSubcommand(new QuarantineCommand(context))
        .addSubcommand(new LiftCommand(context))
        .addSubcommand(new RemoveCommand(context))
        .addSubcommand(new WatchCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
