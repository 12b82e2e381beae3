package dev.heirloom.control.compare;

import dev.heirloom.control.cli.AtomicFile;
import dev.heirloom.control.cli.CloseableProgress;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.DataOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/** {@code heirloom compare}: heirs beside what else one might do with a teacher. */
@Command(
    name = "compare",
    description = {
      "Compares heirs with students, truncated SVD, the published method and 8 bits: same data,",
      "same number of training samples, same sizes, latency beside the teacher's in one run.",
      "An interrupted comparison goes on where it was when the same command is given again.",
    },
    footer = {
      "",
      "Methods: a scratch, b distilled, c svd, d inhernet, e heirloom, f int8, g converged.",
      "DATA is as for 'heirloom inherit'.",
    })
public final class CompareCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "TEACHER", description = "ONNX file of the trained network.")
  private Path teacher = Path.of("");

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "REPORT",
      description = "Directory for the report and what is finished of it.")
  private Path out = Path.of("");

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the teacher's parameters (0.5,0.35,0.2).")
  private List<Double> sizes = List.of(0.5, 0.35, 0.2);

  @Option(names = "--seeds", split = ",", paramLabel = "N", description = "(1,2,3).")
  private List<Long> seeds = List.of(1L, 2L, 3L);

  @Option(
      names = "--methods",
      split = ",",
      paramLabel = "NAME",
      description = "Letters or names, as below (a,b,c,d,e,f).")
  private List<String> methods = List.of("a", "b", "c", "d", "e", "f");

  @Option(
      names = "--converge",
      description = "Also g: a distilled student trained until it gets no better; takes long.")
  private boolean converge;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Training steps, the same for all (300; 450 for tokens).")
  private @Nullable Integer steps;

  @Option(
      names = "--student",
      paramLabel = "FILE",
      description = "Student's ONNX file; its weights are forgotten. May be repeated, for sizes.")
  private List<Path> students = List.of();

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

  public CompareCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    ComparisonSettings settings = settings();
    if (!Files.isWritable(AtomicFile.parent(out))) {
      throw new CommandException("--out: " + AtomicFile.parent(out) + " cannot be written to");
    }
    ComparisonResult result;
    try (CloseableProgress progress = context.progress()) {
      result = Comparison.run(settings, out, progress);
    }
    List<String> problems = ComparisonReport.write(result, out);
    context.result(ComparisonTexts.table(result));
    context.result("");
    result.notes().forEach(context::result);
    problems.forEach(context.streams().messages()::println);
    context.result("report " + out.resolve(ComparisonReport.PAGE));
    if (json) {
      context.result(ComparisonTexts.json(result));
    }
    return 0;
  }

  private ComparisonSettings settings() {
    List<ComparedMethod> chosen = new ArrayList<>();
    methods.forEach(name -> chosen.add(method(name.strip())));
    if (converge) {
      chosen.add(ComparedMethod.CONVERGED);
    }
    try {
      return new ComparisonSettings(
          teacher,
          data.train(),
          data.validate(),
          data.normalize(),
          sizes,
          seeds,
          steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
          students,
          chosen,
          device,
          threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage());
    }
  }

  private ComparedMethod method(String name) {
    return Arrays.stream(ComparedMethod.values())
        .filter(m -> m.title().equals(name) || String.valueOf(m.letter()).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "--methods: '"
                        + name
                        + "' (expected: letters a to g, or names as in scratch,heirloom)"));
  }
}
