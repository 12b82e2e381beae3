package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.Job;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  @Option(names = "--watch", description = "Then print each job again that changes.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private boolean silent;

  JobsListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<Job> jobs = plane.ask(client -> new JobsClient(client).jobs(limit));
    if (json) {
      jobs.forEach(job -> context.result(JobTexts.json(job)));
    } else {
      context.result(JobTexts.jobs(jobs));
    }
    return watch ? follow(jobs) : ExitCodes.DONE;
  }

  private int follow(List<Job> first) throws Exception {
    Map<String, String> told = new HashMap<>();
    first.forEach(job -> told.put(job.getId(), JobTexts.state(job)));
    plane.ask(
        client -> {
          while (!context.interruption().requested()) {
            Thread.sleep(EVERY_MS);
            for (Job job : oldestFirst(new JobsClient(client))) {
              String now = JobTexts.state(job);
              if (!now.equals(told.put(job.getId(), now))) {
                context.result(json ? JobTexts.json(job) : JobTexts.line(job));
              }
            }
          }
          return ExitCodes.INTERRUPTED;
        });
    return ExitCodes.INTERRUPTED;
  }

  /** None where the control plane does not answer: it is waited for. */
  private List<Job> oldestFirst(JobsClient client) throws ControlPlaneException {
    try {
      List<Job> jobs = new ArrayList<>(client.jobs(limit));
      Collections.reverse(jobs);
      silent = false;
      return jobs;
    } catch (ControlPlaneException e) {
      if (!e.unreachable()) {
        throw e;
      }
      if (!silent) {
        context.streams().messages().println(e.getMessage() + "; waiting for it");
      }
      silent = true;
      return List.of();
    }
  }
}
