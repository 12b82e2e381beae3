package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.StoredFile;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom teachers list}: what was uploaded. */
@Command(name = "list", description = "Lists teachers and data.")
final class TeachersListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TeachersListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<StoredFile> files = plane.ask(client -> new JobsClient(client).files());
    if (json) {
      files.forEach(file -> context.result(JobTexts.json(file)));
    } else {
      context.result(JobTexts.files(files));
    }
    return ExitCodes.DONE;
  }
}
