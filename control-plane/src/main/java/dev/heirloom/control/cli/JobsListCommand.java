package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.Job;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom jobs list}: the newest jobs. */
@Command(name = "list", description = "Lists the newest jobs.")
final class JobsListCommand implements Callable<Integer> {
  private static final long EVERY_MS = 1000;

  private final Context context;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many, 1..1000 (${DEFAULT-VALUE}).")
  private int limit = 20;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--watch", description = "Follow them, a table each second.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    boolean again = true;
    while (again) {
      List<Job> jobs = plane.ask(client -> new JobsClient(client).jobs(limit));
      if (json) {
        jobs.forEach(job -> context.result(JobTexts.json(job)));
      } else {
        context.result(JobTexts.jobs(jobs));
      }
      again = watch && !context.interruption().requested();
      if (again) {
        Thread.sleep(EVERY_MS);
        context.result("");
      }
    }
    return 0;
  }
}
