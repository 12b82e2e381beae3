package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.JobsClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom teachers remove}: an upload that is no longer needed. */
@Command(name = "remove", description = "Removes a teacher or data; refused while a job needs it.")
final class TeachersRemoveCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "As 'heirloom teachers list' says it.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TeachersRemoveCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    plane.ask(
        client -> {
          new JobsClient(client).remove(name);
          return name;
        });
    context.result("removed " + name);
    return ExitCodes.DONE;
  }
}
