package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.cli.grpc.JobsClient.JobWatch;
import dev.heirloom.proto.v1.Job;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom jobs show}: everything about one job. */
@Command(name = "show", description = "Shows a job; 3 is returned where it failed, 4 where it was cancelled.")
final class JobsShowCommand implements Callable<Integer> {
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

  JobsShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (watch) {
      return plane.ask(
          client -> {
            try (JobWatch following = new JobsClient(client).watch(id)) {
              return new JobFollowing(context, json).to(following);
            }
          });
    }
    Job job = plane.ask(client -> new JobsClient(client).job(id));
    context.result(json ? JobTexts.json(job) : JobTexts.details(job));
    return JobFollowing.exitCode(job);
  }
}
