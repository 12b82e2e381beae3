package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.CloseableProgress;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.StoredFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom teachers upload}: teachers and data to a control plane. */
@Command(name = "upload", description = "Brings teachers (.onnx) and data to a control plane.")
final class TeachersUploadCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "An .onnx file is a teacher, every other one is data.")
  private List<Path> files = List.of();

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TeachersUploadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      if (!names.add(name)) {
        throw new ParameterException(
            spec.commandLine(), file + ": another file of the name " + name + " is given, too");
      }
    }
    for (Path file : files) {
      StoredFile stored = plane.ask(client -> upload(new JobsClient(client), file));
      context.result(json ? JobTexts.json(stored) : told(stored));
    }
    return ExitCodes.DONE;
  }

  private StoredFile upload(JobsClient client, Path file) throws Exception {
    String name = String.valueOf(file.getFileName());
    boolean teacher = name.endsWith(".onnx");
    long size = Files.size(file);
    try (CloseableProgress progress = context.progress()) {
      return client.upload(
          name,
          teacher ? FileKind.FILE_KIND_TEACHER : FileKind.FILE_KIND_DATA,
          file,
          sent -> progress.step(sent, size, OptionalDouble.empty()));
    }
  }

  private static String told(StoredFile file) {
    boolean teacher = file.getKind() == FileKind.FILE_KIND_TEACHER;
    return "uploaded "
        + file.getName()
        + ", "
        + Figures.bytes(file.getSizeBytes())
        + (teacher ? ", " + file.getLayers() + " layers may be factored" : "");
  }
}
