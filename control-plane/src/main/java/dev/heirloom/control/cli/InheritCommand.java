package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.InheritReport;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.TaskChoice;
import dev.heirloom.inheritance.Tuning;
import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.checkpoint.CheckpointException;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy.Existing;
import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.inheritance.training.Arithmetic;
import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.text.Quantity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
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
      "DATA is IMAGES.idx[.gz],LABELS.idx[.gz], an .npz with one array per model input and 'label',",
      "a .csv[.gz], cifar10:FILES, cifar100:FILES or a directory of images, a subdirectory per class.",
    })
final class InheritCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "TEACHER", description = "ONNX file of the trained network.")
  private Path teacher = Path.of("");

  @Mixin private DataOptions data = new DataOptions();

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
  private int rungs = 8;

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

  @Option(
      names = "--heads",
      paramLabel = "N",
      description =
          "Up-projections per layer, 1..8 (inhernet: 3; heirloom: chosen on held-back data).")
  private @Nullable Integer heads;

  @Option(
      names = "--cost",
      paramLabel = "UNIT",
      description = "What ranks are priced in: bytes, macs or latency (${DEFAULT-VALUE}).")
  private String cost = Cost.LATENCY.title();

  @Option(
      names = "--budget-parameters",
      paramLabel = "SHARE",
      split = ",",
      description =
          "One rung is the largest with at most this share of the teacher's parameters; several"
              + " shares: one rung for each.")
  private List<Double> budgetParameters = List.of();

  @Option(
      names = "--budget-latency",
      paramLabel = "TIME",
      description = "One rung is the largest that takes at most so long here, e.g. 3ms.")
  private @Nullable String budgetLatency;

  @Option(
      names = "--ladder-of",
      paramLabel = "FAMILY",
      description = "Take the ranks of this family of the same network instead of choosing.")
  private @Nullable Path ladderOf;

  @Option(names = "--no-gate", description = "Ablation: heads without a gate, which are one map.")
  private boolean ungated;

  @Option(names = "--symmetric", description = "Ablation: a down-projection for every head.")
  private boolean symmetric;

  @Option(names = "--random-start", description = "Ablation: random factors, nothing inherited.")
  private boolean randomStart;

  @Mixin private TaskOptions taskOptions = new TaskOptions();

  @Option(
      names = "--distil",
      paramLabel = "NAME",
      description =
          "What of the teacher is learnt: logits, features, embeddings, or none for labels alone"
              + " (${DEFAULT-VALUE}).")
  private String distil = Distillation.LOGITS.title();

  @Option(
      names = "--augment",
      paramLabel = "[INPUT:]CHANGES",
      description = "Random changes to training images: crop=PIXELS, flip or both with a comma.")
  private String augment = "";

  @Option(names = "--seed", paramLabel = "N", description = "(${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "auto, cpu or cuda, for training (${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(names = "--threads", paramLabel = "N", description = "(this machine's cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Samples in a training step (chosen by the kind of network); fewer need less memory.")
  private @Nullable Integer batch;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Highest learning rate (chosen by the kind of network).")
  private @Nullable Double learningRate;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description = "auto, bfloat16 or float32, in the fine-tune (${DEFAULT-VALUE}).")
  private String precision = Arithmetic.AUTO.title();

  @Option(
      names = "--wire",
      paramLabel = "NAME",
      description =
          "How weights are written, sent and stored: fp32, or fp16 in half the bytes; devices compute"
              + " in fp32 (${DEFAULT-VALUE}).")
  private String wire = Wire.FP32.title();

  @Option(
      names = "--resume",
      description = "Go on with unfinished work, kept in FAMILY.checkpoint.")
  private boolean resume;

  @Option(names = "--restart", description = "Throw unfinished work away.")
  private boolean restart;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      description = "How often the fine-tune is kept; 0 after each step (${DEFAULT-VALUE}).")
  private int checkpointEvery = Math.toIntExact(CheckpointPolicy.EVERY.toSeconds());

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
    CheckpointPolicy policy = policy();
    refuseUnwritable();
    InheritReport report = inherit(options, policy);
    context.result(InheritTexts.table(report));
    context.result("");
    context.result(
        "family "
            + report.family()
            + ", weights in "
            + report.wire().describe()
            + ", "
            + Figures.clock(Math.round(report.seconds())));
    if (json) {
      ObjectNode line = InheritTexts.json(report);
      context.result(line);
    }
    return 0;
  }

  private InheritReport inherit(InheritOptions options, CheckpointPolicy policy) throws Exception {
    boolean begun = false;
    try (CloseableProgress progress = context.progress()) {
      begun = true;
      return Inheritance.run(
          teacher,
          data.train(),
          data.validate(),
          data.normalize(),
          out,
          options,
          Optional.of(policy),
          progress);
    } catch (CheckpointException e) {
      begun = false;
      throw e;
    } finally {
      if (begun) {
        Checkpoint.describe(policy.directory()).ifPresent(kept -> tellWhatIsKept(policy, kept));
      }
    }
  }

  private void tellWhatIsKept(CheckpointPolicy policy, String kept) {
    context
        .streams()
        .messages()
        .println("kept in " + policy.directory() + ": " + kept + "; --resume goes on from there");
  }

  private CheckpointPolicy policy() {
    if (resume && restart) {
      throw usage("--resume, --restart: both (expected: one of them)");
    }
    if (checkpointEvery < 0) {
      throw usage("--checkpoint-every: " + checkpointEvery + " (expected: 0 or more)");
    }
    return new CheckpointPolicy(
        CheckpointPolicy.beside(out),
        resume ? Existing.RESUME : restart ? Existing.RESTART : Existing.REFUSE,
        Duration.ofSeconds(checkpointEvery));
  }

  private InheritOptions options() throws Exception {
    if (!List.of("auto", "cpu", "cuda").contains(device)) {
      throw usage("--device: '" + device + "' (expected: auto, cpu or cuda)");
    }
    TaskChoice taskChoice =
        new TaskChoice(
            taskOptions.task(spec),
            taskOptions.output(),
            named("--distil", distil, Distillation.values(), Distillation::title));
    OptionalDouble rate =
        learningRate == null ? OptionalDouble.empty() : OptionalDouble.of(learningRate);
    Arithmetic arithmetic =
        Arithmetic.of(precision)
            .orElseThrow(
                () ->
                    usage(
                        "--precision: '" + precision + "' (expected: auto, bfloat16 or float32)"));
    try {
      return new InheritOptions(
          ladder(),
          factors(),
          optional(steps),
          seed,
          device,
          threads,
          Augmentation.parse(augment),
          taskChoice,
          new Tuning(optional(batch), rate, arithmetic),
          named("--wire", wire, Wire.values(), Wire::title));
    } catch (MalformedException e) {
      throw usage("--augment: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw usage("--" + e.getMessage());
    }
  }

  private LadderOptions ladder() throws Exception {
    if (ladderOf != null) {
      return LadderOptions.of(Family.open(ladderOf).manifest());
    }
    return new LadderOptions(
        rungs,
        named("--cost", cost, Cost.values(), Cost::title),
        LadderOptions.USUAL_SIZES,
        budgetParameters,
        budgetLatency == null ? OptionalLong.empty() : OptionalLong.of(nanoseconds(budgetLatency)),
        List.of());
  }

  private MethodOptions factors() {
    return new MethodOptions(
        named("--method", method, Method.values(), Method::title),
        optional(heads),
        !ungated,
        !symmetric,
        !randomStart);
  }

  private <T> T named(String option, String wanted, T[] values, Function<T, String> title) {
    List<String> titles = Stream.of(values).map(title).toList();
    int index = titles.indexOf(wanted);
    if (index < 0) {
      throw usage(
          option + ": '" + wanted + "' (expected: one of " + String.join(", ", titles) + ")");
    }
    return values[index];
  }

  private long nanoseconds(String time) {
    try {
      return Quantity.duration(time).toNanos();
    } catch (IllegalArgumentException e) {
      throw usage("--budget-latency: " + e.getMessage());
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
