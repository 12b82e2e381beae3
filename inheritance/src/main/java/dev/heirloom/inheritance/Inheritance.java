package dev.heirloom.inheritance;

import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy;
import dev.heirloom.inheritance.checkpoint.Factored;
import dev.heirloom.inheritance.checkpoint.Start;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.OpenBlasThreads;
import dev.heirloom.inheritance.factor.OutputMetric;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.WireShare;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;

/**
 * Turns a teacher into a family: read, calibrate, factor, ladder, fine-tune, recalibrate, evaluate,
 * write.
 *
 * <p>Whatever is chosen is chosen on a part of the training data that is held back; the validation
 * data is only reported on. Nothing is written before everything is known.
 */
public final class Inheritance {

  /** Training samples, the first ones, that calibration runs. */
  static final int CALIBRATION_SAMPLES = 512;

  static {
    NativeMemory.limit();
  }

  private Inheritance() {}

  /**
   * Runs all stages, and keeps nothing of unfinished work.
   *
   * @param teacher ONNX file
   * @param trainSpec samples to calibrate, train and choose on, as {@code SampleSources} reads them
   * @param validateSpec samples to report on
   * @param normalize {@code [input=]mean/deviation} options
   * @param out directory of the family; one that is there is replaced at the end
   * @throws RefusedException where no heir is both smaller and faster than the teacher
   */
  public static InheritReport run(
      Path teacher,
      String trainSpec,
      String validateSpec,
      List<String> normalize,
      Path out,
      InheritOptions options,
      Progress progress)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    return run(
        teacher, trainSpec, validateSpec, normalize, out, options, Optional.empty(), progress);
  }

  /**
   * The same, keeping unfinished work or going on with it.
   *
   * @param policy where unfinished work is kept; empty keeps none
   */
  public static InheritReport run(
      Path teacher,
      String trainSpec,
      String validateSpec,
      List<String> normalize,
      Path out,
      InheritOptions options,
      Optional<CheckpointPolicy> policy,
      Progress progress)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    StageClock clock = new StageClock(progress, System::nanoTime);
    clock.enter(Stage.READ);
    Placement placement = Placement.of(options.device());
    Teacher read = Teacher.read(teacher);
    if (read.layers().stream().noneMatch(layer -> gains(layer, options))) {
      throw new RefusedException(
          "no layer gains from being factored",
          read.leftDense().entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).toList());
    }
    options.augmentation().check(read.inputs());
    try (Checkpoint kept =
        policy.isEmpty()
            ? null
            : Checkpoint.open(
                policy.get(),
                KeptLadder.settings(
                    read, trainSpec, validateSpec, normalize, options, policy.get().identity()))) {
      InheritReport report =
          run(
              read,
              samples(read, trainSpec, validateSpec, normalize, options, progress),
              new Destination(out, nameOf(teacher)),
              options,
              Optional.ofNullable(kept),
              placement,
              progress,
              clock);
      if (kept != null) {
        kept.finish();
      }
      return report;
    }
  }

  private record Destination(Path directory, String name) {}

  private static InheritReport run(
      Teacher teacher,
      Samples samples,
      Destination out,
      InheritOptions options,
      Optional<Checkpoint> checkpoint,
      Placement placement,
      Progress progress,
      StageClock clock)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    OpenBlasThreads.use(options.threads());
    Optional<Start> kept = checkpoint.flatMap(Checkpoint::start);
    progress.note(
        "task: "
            + Purpose.title(samples.task())
            + (samples.labelled()
                ? ""
                : ", without labels: the heirs learn from the teacher alone"));
    Calibration calibration;
    Chosen chosen;
    if (kept.isPresent()) {
      noteResumed(checkpoint, placement, progress);
      calibration = kept.get().calibration();
      chosen = KeptLadder.chosen(kept.get(), teacher);
    } else {
      Factored factored =
          factored(teacher, samples, options, checkpoint, placement, progress, clock);
      calibration = factored.calibration();
      clock.enter(Stage.LADDER);
      try {
        chosen =
            chosen(
                teacher,
                samples,
                calibration,
                options,
                placement,
                progress,
                clock,
                KeptLadder.factors(factored, teacher));
      } catch (RefusedException e) {
        if (checkpoint.isPresent()) {
          checkpoint.get().dropFactored();
        }
        throw e;
      }
      if (checkpoint.isPresent()) {
        checkpoint.get().keepStart(KeptLadder.of(calibration, chosen));
      }
    }
    DraftFamily draft =
        new FineTune(teacher, samples, calibration, options, progress, clock, placement, checkpoint)
            .run(chosen);

    clock.enter(Stage.EVALUATE);
    FamilyEvaluation evaluation =
        new FamilyEvaluation(teacher, samples, calibration, options, progress, placement);
    FamilyEvaluation.Completed completed = evaluation.complete(draft, out.name());

    clock.enter(Stage.WRITE);
    Family.write(out.directory(), completed.manifest(), draft.blobs());
    return new InheritReport(
        completed.manifest().getTeacher(),
        completed.ladder().rungs(),
        draft.layers().stream().map(layer -> layer.dense().name()).toList(),
        chosen.tables(),
        chosen.leftDense(),
        clock.finish(),
        out.directory(),
        samples.task(),
        samples.labelled(),
        WireShare.of(completed.manifest()));
  }

  private static void noteResumed(
      Optional<Checkpoint> checkpoint, Placement placement, Progress progress) {
    progress.note("resumed: " + checkpoint.map(Checkpoint::describe).orElse(""));
    progress.note(placement.describe());
  }

  /** Calibrates and factors, or takes what is kept of that. */
  private static Factored factored(
      Teacher teacher,
      Samples samples,
      InheritOptions options,
      Optional<Checkpoint> checkpoint,
      Placement placement,
      Progress progress,
      StageClock clock)
      throws IOException, MalformedException, SessionException, CancelledException {
    Optional<Factored> kept = checkpoint.flatMap(Checkpoint::factored);
    if (kept.isPresent()) {
      noteResumed(checkpoint, placement, progress);
      return kept.get();
    }
    clock.enter(Stage.CALIBRATE);
    progress.note(placement.describe());
    Calibration calibration = calibrate(teacher, samples, options, placement, progress);
    clock.enter(Stage.FACTOR);
    Map<DenseLayer, OutputMetric> felt =
        options.method().method().weighsByData()
            ? OutputSensitivity.of(teacher, samples, options, placement, progress)
            : Map.of();
    Factored factored =
        new Factored(calibration, factor(teacher, calibration, felt, options, progress));
    calibration.layers().forEach(layer -> layer.metric().close());
    if (checkpoint.isPresent()) {
      checkpoint.get().keepFactored(factored);
    }
    return factored;
  }

  private static Samples samples(
      Teacher teacher,
      String trainSpec,
      String validateSpec,
      List<String> normalize,
      InheritOptions options,
      Progress progress)
      throws IOException,
          MalformedException,
          SessionException,
          CancelledException,
          RefusedException {
    Reading reading =
        Reading.heardBy(
            (done, total) -> {
              progress.step(done, total, OptionalDouble.empty());
              if (progress.cancelled()) {
                throw new CancellationException();
              }
            });
    try {
      return Samples.read(
          teacher,
          trainSpec,
          validateSpec,
          normalize,
          options.seed(),
          reading,
          options.taskChoice());
    } catch (CancellationException e) {
      throw new CancelledException();
    }
  }

  private static Chosen chosen(
      Teacher teacher,
      Samples samples,
      Calibration calibration,
      InheritOptions options,
      Placement placement,
      Progress progress,
      StageClock clock,
      Map<DenseLayer, Factorization> factors)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    LadderChoice ladder = new LadderChoice(teacher, samples, calibration, options, progress);
    Chosen chosen = ladder.choose(factors, options.method().startingHeads());
    if (!options.method().choosesHeads() || !options.ladder().given().isEmpty()) {
      return chosen;
    }
    FineTune trial =
        new FineTune(
            teacher, samples, calibration, options, progress, clock, placement, Optional.empty());
    return new HeadChoice(teacher, ladder, trial, progress).choose(chosen, factors);
  }

  private static boolean gains(DenseLayer layer, InheritOptions options) {
    return !Candidates.ranks(layer, options.method().startingHeads(), options.ladder().cost())
        .isEmpty();
  }

  /**
   * The file's name without its ending, with every character that a family name lacks made a
   * hyphen.
   */
  public static String nameOf(Path teacher) {
    String file = teacher.getFileName().toString();
    int dot = file.lastIndexOf('.');
    String name = (dot > 0 ? file.substring(0, dot) : file).replaceAll("[^A-Za-z0-9._-]", "-");
    return name.length() > 100 ? name.substring(0, 100) : name;
  }

  private static Calibration calibrate(
      Teacher teacher,
      Samples samples,
      InheritOptions options,
      Placement placement,
      Progress progress)
      throws MalformedException, SessionException, CancelledException {
    int size = Math.min(CALIBRATION_SAMPLES, samples.train().size());
    Calibration calibration =
        Calibration.run(
            teacher,
            samples.train().head(size),
            samples.preprocessor(),
            placement.sessions(options.threads()),
            done -> {
              progress.step(done, size, OptionalDouble.empty());
              return !progress.cancelled();
            });
    if (progress.cancelled()) {
      throw new CancelledException();
    }
    return calibration;
  }

  private static Map<String, Factorization> factor(
      Teacher teacher,
      Calibration calibration,
      Map<DenseLayer, OutputMetric> felt,
      InheritOptions options,
      Progress progress)
      throws CancelledException {
    Map<String, Factorization> factors = new LinkedHashMap<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      DenseLayer layer = teacher.layers().get(i);
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      if (gains(layer, options)) {
        factors.put(
            layer.name(),
            Factorization.upTo(
                layer.breakEvenRank(),
                layer.weight(),
                layer.outputs(),
                layer.inputs(),
                options.method().method().weighsByData()
                    ? Optional.of(calibration.layers().get(i).metric())
                    : Optional.empty(),
                Optional.ofNullable(felt.get(layer))));
      }
      progress.step(i + 1, teacher.layers().size(), OptionalDouble.empty());
    }
    return factors;
  }
}
