package dev.heirloom.control.cli;

import dev.heirloom.control.cli.access.AuditCommand;
import dev.heirloom.control.cli.access.CertificatesCommand;
import dev.heirloom.control.cli.access.TokensCommand;
import dev.heirloom.control.cli.devices.DevicesCommand;
import dev.heirloom.control.cli.devices.FamiliesCommand;
import dev.heirloom.control.cli.jobs.JobsCommand;
import dev.heirloom.control.cli.jobs.TeachersCommand;
import dev.heirloom.control.cli.rollouts.RolloutsCommand;
import dev.heirloom.control.compare.CompareCommand;
import dev.heirloom.control.demo.DemoCommand;
import dev.heirloom.control.simulate.SimulateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line. */
@Command(
    name = "heirloom",
    description = "Low-rank heirs of trained networks, for a fleet that adapts.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = false)
final class HeirloomCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine line(Context context) {
    return new CommandLine(new HeirloomCommand())
        .addSubcommand(new DemoCommand(context))
        .addSubcommand(new InheritCommand(context))
        .addSubcommand(new CompareCommand(context))
        .addSubcommand(new InspectCommand(context))
        .addSubcommand(new EvaluateCommand(context))
        .addSubcommand(new ExportCommand(context))
        .addSubcommand(new InitCommand(context))
        .addSubcommand(new RotateKeysCommand(context))
        .addSubcommand(new SignCommand(context))
        .addSubcommand(new PublishCommand(context))
        .addSubcommand(BudgetsCommand.line(context))
        .addSubcommand(new TailorCommand(context))
        .addSubcommand(DevicesCommand.line(context))
        .addSubcommand(FamiliesCommand.line(context))
        .addSubcommand(new CompletionCommand(context))
        .addSubcommand(TokensCommand.line(context))
        .addSubcommand(CertificatesCommand.line(context))
        .addSubcommand(new AuditCommand(context))
        .addSubcommand(RolloutsCommand.line(context))
        .addSubcommand(TeachersCommand.line(context))
        .addSubcommand(JobsCommand.line(context))
        .addSubcommand(new ControlPlaneCommand(context))
        .addSubcommand(new TrainerCommand(context))
        .addSubcommand(new BackupCommand(context))
        .addSubcommand(new RestoreCommand(context))
        .addSubcommand(new SimulateCommand(context));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command was given");
  }
}
