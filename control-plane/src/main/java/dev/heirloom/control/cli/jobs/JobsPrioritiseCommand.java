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

/** {@code heirloom jobs prioritise}: moves a job in the queue. */
@Command(name = "prioritise", description = "Moves a job in the queue.")
final class JobsPrioritiseCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "JOB", description = "Its identifier, e.g. job-7.")
  private String id = "";

  @Option(
      names = "--priority",
      required = true,
      paramLabel = "N",
      description = "-100..100; larger ones are worked on first.")
  private int priority;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsPrioritiseCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Job job = plane.ask(client -> new JobsClient(client).prioritise(id, priority));
    context.result(json ? JobTexts.json(job) : JobTexts.line(job));
    return ExitCodes.DONE;
  }
}
