package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.InheritReport;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.TaskChoice;
import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom inherit}: from a teacher and its data to a family on disk. */
@Command(
    name = "inherit",
    description = "Makes a family of heirs from a teacher.",
    footer = {
      "",
      "DATA is IMAGES.idx[.gz],LABELS.idx[.gz] or an .npz with one array per model input and 'label'.",
    })
final class InheritCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "TEACHER", description = "ONNX file of the trained network.")
  private Path teacher = Path.of("");

  @Option(names = "--train", required = true, paramLabel = "DATA", description = "Training data.")
  private String train = "";

  @Option(
      names = "--validate",
      required = true,
      paramLabel = "DATA",
      description = "Data that is only reported on.")
  private String validate = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FAMILY",
      description = "Directory to write; a family that is there is replaced.")
  private Path out = Path.of("");

  @Option(
      names = "--rungs",
      paramLabel = "N",
      description = "At most so many rungs (${DEFAULT-VALUE}).")
  private int rungs = 6;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Fine-tuning steps; 0 factors only (chosen from the data).")
  private @Nullable Integer steps;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "heirloom, inhernet or svd (${DEFAULT-VALUE}).")
  private String method = Method.HEIRLOOM.title();

  @Option(names = "--heads", paramLabel = "N", description = "1 or 3 (the method's).")
  private @Nullable Integer heads;

  @Option(
      names = "--normalize",
      paramLabel = "[INPUT=]MEAN/STD",
      description = "After scaling 8-bit values to 0..1; commas between channels. May be repeated.")
  private List<String> normalize = List.of();

  @Mixin private TaskOptions taskOptions = new TaskOptions();

  @Option(
      names = "--distil",
      paramLabel = "NAME",
      description =
          "What of the teacher is learnt: logits, features, embeddings, or none for labels alone"
              + " (${DEFAULT-VALUE}).")
  private String distil = Distillation.LOGITS.title();

  @Option(names = "--seed", paramLabel = "N", description = "(${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "auto, cpu or cuda, for training (${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(names = "--threads", paramLabel = "N", description = "(this machine's cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "Print the figures as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  InheritCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    InheritOptions options = options();
    refuseUnwritable();
    InheritReport report;
    try (CloseableProgress progress = context.progress()) {
      report = Inheritance.run(teacher, train, validate, normalize, out, options, progress);
    }
    context.result(InheritTexts.table(report));
    context.result("");
    context.result(
        "family " + report.family() + ", " + Figures.clock(Math.round(report.seconds())));
    if (json) {
      ObjectNode line = InheritTexts.json(report);
      context.result(line);
    }
    return 0;
  }

  private InheritOptions options() {
    if (heads != null && heads != 1 && heads != 3) {
      throw usage("--heads: " + heads + " (expected: 1 or 3)");
    }
    if (!List.of("auto", "cpu", "cuda").contains(device)) {
      throw usage("--device: '" + device + "' (expected: auto, cpu or cuda)");
    }
    Method chosen =
        List.of(Method.values()).stream()
            .filter(candidate -> candidate.title().equals(method))
            .findFirst()
            .orElseThrow(
                () -> usage("--method: '" + method + "' (expected: heirloom, inhernet or svd)"));
    Distillation distillation =
        List.of(Distillation.values()).stream()
            .filter(candidate -> candidate.title().equals(distil))
            .findFirst()
            .orElseThrow(
                () ->
                    usage(
                        "--distil: '%s' (expected: logits, features, embeddings or none)"
                            .formatted(distil)));
    TaskChoice taskChoice =
        new TaskChoice(taskOptions.task(spec), taskOptions.output(), distillation);
    try {
      return new InheritOptions(
          rungs, optional(steps), chosen, optional(heads), seed, device, threads, taskChoice);
    } catch (IllegalArgumentException e) {
      throw usage("--" + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static OptionalInt optional(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  /** Better now than after minutes of work. */
  private void refuseUnwritable() throws Exception {
    Path parent = AtomicFile.parent(out);
    if (!Files.isWritable(parent)) {
      throw new CommandException("--out: " + parent + " cannot be written to");
    }
    if (Files.exists(out) && !Family.isFamily(out)) {
      throw new CommandException(
          "--out: " + out + " exists and is not a family",
          "Choose a directory that is not there yet.");
    }
  }
}
