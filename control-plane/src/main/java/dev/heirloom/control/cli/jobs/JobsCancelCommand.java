package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.Job;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom jobs cancel}: ends a job. */
@Command(name = "cancel", description = "Ends a job; its trainer stops within seconds.")
final class JobsCancelCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "JOB", description = "Its identifier, e.g. job-7.")
  private String id = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Kept with the job.")
  private String reason = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsCancelCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Job job = plane.ask(client -> new JobsClient(client).cancel(id, reason));
    context.result(json ? JobTexts.json(job) : JobTexts.line(job));
    return ExitCodes.DONE;
  }
}
