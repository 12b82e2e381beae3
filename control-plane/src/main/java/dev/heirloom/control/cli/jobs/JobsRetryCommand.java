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

/** {@code heirloom jobs retry}: a job that failed or was cancelled, once more. */
@Command(
    name = "retry",
    description = "Puts a job that failed or was cancelled into the queue again.")
final class JobsRetryCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "JOB", description = "Its identifier, e.g. job-7.")
  private String id = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--watch", description = "Follow it until it has ended.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsRetryCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return plane.ask(
        client -> {
          JobsClient jobs = new JobsClient(client);
          Job job = jobs.retry(id);
          if (!watch) {
            context.result(json ? JobTexts.json(job) : JobTexts.line(job));
            return ExitCodes.DONE;
          }
          return new JobFollowing(context, jobs, json).to(jobs.watch(id));
        });
  }
}
