package dev.heirloom.control.cli;

import dev.heirloom.inheritance.Stage;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.graph.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom evaluate}: a model or a family's rung on data. */
@Command(
    name = "evaluate",
    description = "Measures a model, or a rung of a family, on data.",
    footer = {
      "",
      "DATA is IMAGES.idx[.gz],LABELS.idx[.gz], an .npz with one array per model input and 'label',",
      "a .csv[.gz], cifar10:FILES, cifar100:FILES or a directory of images, a subdirectory per class.",
    })
final class EvaluateCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL|FAMILY", description = "ONNX file or family directory.")
  private Path subject = Path.of("");

  @Option(
      names = "--rung",
      paramLabel = "K",
      description = "Of a family, from 1, the smallest (the largest).")
  private @Nullable Integer rung;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "What to measure on.")
  private String data = "";

  @Option(
      names = "--normalize",
      paramLabel = "[INPUT=]MEAN/STD",
      description = "For a model; a family brings its own. May be repeated.")
  private List<String> normalize = List.of();

  @Mixin private TaskOptions taskOptions = new TaskOptions();

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "ONNX file to measure agreement with; needed for data without labels.")
  private @Nullable Path teacher;

  @Option(names = "--threads", paramLabel = "N", description = "(this machine's cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "Print the figures as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  EvaluateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "--threads: " + threads + " (expected: 1 or more)");
    }
    EvaluationFigures figures = evaluate();
    context.result(figures.table());
    if (json) {
      context.result(figures.json());
    }
    return 0;
  }

  private EvaluationFigures evaluate() throws Exception {
    try (CloseableProgress progress = context.progress()) {
      progress.stage(Stage.EVALUATE);
      Evaluator evaluator = new Evaluator(threads, Optional.ofNullable(teacher), progress);
      if (!Files.isDirectory(subject)) {
        if (rung != null) {
          throw usage("--rung: " + subject + " is a model (expected: a family)");
        }
        return evaluator.model(
            OnnxModel.read(subject), data, normalize, taskOptions.task(spec), taskOptions.output());
      }
      if (!taskOptions.untouched()) {
        throw usage("--task, --output: a family brings its own");
      }
      if (!normalize.isEmpty()) {
        throw usage("--normalize: a family brings its own preprocessing");
      }
      Family family = Family.open(subject);
      int chosen = rung == null ? family.ladder().size() : rung;
      Rungs.require(family, chosen);
      return evaluator.rung(family, chosen, data);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
