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

/** {@code heirloom jobs show}: everything about one job. */
@Command(name = "show", description = "Shows a job.")
final class JobsShowCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "JOB", description = "Its identifier, e.g. job-7.")
  private String id = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--watch",
      description =
          "Follow it until it has ended: 7 is returned where it failed, 8 where it was cancelled.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return plane.ask(
        client -> {
          JobsClient jobs = new JobsClient(client);
          if (watch) {
            return new JobFollowing(context, jobs, json).to(jobs.watch(id));
          }
          Job job = jobs.job(id);
          context.result(json ? JobTexts.json(job) : JobTexts.details(job));
          return ExitCodes.DONE;
        });
  }
}
