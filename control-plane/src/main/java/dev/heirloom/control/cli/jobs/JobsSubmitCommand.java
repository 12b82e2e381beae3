package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.DataOptions;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.SampleFiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom jobs submit}: a teacher and its data into the queue. */
@Command(
    name = "submit",
    description = "Puts a job into the queue: a family out of what was uploaded.")
final class JobsSubmitCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "TEACHER", description = "Name of an uploaded teacher.")
  private String teacher = "";

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--set",
      paramLabel = "OPTION=VALUE",
      description = "An option of 'heirloom inherit' by its name, e.g. rungs=4. May be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--hold",
      description = "Devices do not take the family by themselves: for a rollout.")
  private boolean hold;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "-100..100; larger ones are worked on first (${DEFAULT-VALUE}).")
  private int priority;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description = "It fails after so many attempts in a row that got no farther (3).")
  private int attempts;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--watch", description = "Follow it until it has ended.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  JobsSubmitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (hold) {
      options.put("hold", "true");
    }
    InheritRequest request =
        InheritRequest.newBuilder()
            .setTeacher(teacher)
            .setTrain(files(data.train()))
            .setValidate(files(data.validate()))
            .addAllNormalize(data.normalize())
            .putAllOptions(options)
            .setPriority(priority)
            .setAttempts(attempts)
            .build();
    return plane.ask(
        client -> {
          JobsClient jobs = new JobsClient(client);
          if (watch) {
            return new JobFollowing(context, jobs, json).to(jobs.submit(request));
          }
          Job queued = jobs.submitDetached(request);
          context.result(json ? JobTexts.json(queued) : JobTexts.line(queued));
          return ExitCodes.DONE;
        });
  }

  /** {@code cifar10:a.bin,b.bin} or {@code images.idx.gz,labels.idx.gz}, of uploaded files. */
  private static SampleFiles files(String spec) {
    int colon = spec.indexOf(':');
    SampleFiles.Builder files = SampleFiles.newBuilder();
    if (colon > 0) {
      files.setFormat(spec.substring(0, colon));
    }
    return files.addAllFiles(List.of(spec.substring(colon + 1).split(",", -1))).build();
  }
}
