package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Turns a teacher into a family: read, calibrate, factor, ladder, fine-tune, recalibrate, evaluate,
 * write.
 *
 * <p>Whatever is chosen is chosen on a part of the training data that is held back; the validation
 * data is only reported on. Nothing is written before everything is known.
 */
public final class Inheritance {

  private static final int CALIBRATION_SAMPLES = 384;

  private Inheritance() {}

  /**
   * Runs all stages.
   *
   * @param teacher ONNX file
   * @param trainSpec samples to calibrate, train and choose on, as {@code SampleFiles} reads them
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
    StageClock clock = new StageClock(progress, System::nanoTime);
    clock.enter(Stage.READ);
    boolean cuda = cuda(options, progress);
    Teacher read = Teacher.read(teacher);
    if (read.layers().stream().noneMatch(layer -> gains(layer, options))) {
      throw new RefusedException(
          "no layer gains from being factored",
          read.leftDense().entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).toList());
    }
    Samples samples = Samples.read(read, trainSpec, validateSpec, normalize, options.seed());

    clock.enter(Stage.CALIBRATE);
    Calibration calibration = calibrate(read, samples, options, progress);

    clock.enter(Stage.FACTOR);
    Map<DenseLayer, Factorization> factors = factor(read, calibration, options, progress);
    calibration.layers().forEach(layer -> layer.metric().close());

    clock.enter(Stage.LADDER);
    LadderChoice.Chosen chosen =
        new LadderChoice(read, samples, calibration, options, progress).choose(factors);
    factors.clear();

    DraftFamily draft =
        new FineTune(read, samples, calibration, options, progress, clock, cuda).run(chosen);

    clock.enter(Stage.EVALUATE);
    FamilyEvaluation evaluation =
        new FamilyEvaluation(read, samples, calibration, options, progress);
    FamilyEvaluation.Completed completed = evaluation.complete(draft, nameOf(teacher));

    clock.enter(Stage.WRITE);
    Family.write(out, completed.manifest(), draft.blobs());
    return new InheritReport(
        completed.manifest().getTeacher(),
        completed.ladder().rungs(),
        draft.layers().stream().map(layer -> layer.dense().name()).toList(),
        chosen.leftDense(),
        clock.finish(),
        out);
  }

  private static boolean cuda(InheritOptions options, Progress progress) throws RefusedException {
    boolean there = !options.device().equals("cpu") && NestedTrainer.cudaAvailable();
    if (options.device().equals("cuda") && !there) {
      throw new RefusedException(
          "cuda: no CUDA device can be used by this build (expected: a GPU and libtorch for CUDA)",
          List.of("use --device auto or --device cpu"));
    }
    if (there) {
      progress.note("the fine-tune runs on the GPU, everything else on the processor");
    }
    return there;
  }

  private static boolean gains(DenseLayer layer, InheritOptions options) {
    return !LadderChoice.ranks(layer, options.effectiveHeads()).isEmpty();
  }

  /**
   * The file's name without its ending, with every character that a family name lacks made a
   * hyphen.
   */
  private static String nameOf(Path teacher) {
    String file = teacher.getFileName().toString();
    int dot = file.lastIndexOf('.');
    String name = (dot > 0 ? file.substring(0, dot) : file).replaceAll("[^A-Za-z0-9._-]", "-");
    return name.length() > 100 ? name.substring(0, 100) : name;
  }

  private static Calibration calibrate(
      Teacher teacher, Samples samples, InheritOptions options, Progress progress)
      throws MalformedException, SessionException, CancelledException {
    int size = Math.min(CALIBRATION_SAMPLES, samples.train().size());
    Calibration calibration =
        Calibration.run(
            teacher,
            samples.train().head(size),
            samples.preprocessor(),
            SessionSettings.cpu(options.threads()),
            done -> {
              progress.step(done, size, OptionalDouble.empty());
              return !progress.cancelled();
            });
    if (progress.cancelled()) {
      throw new CancelledException();
    }
    return calibration;
  }

  private static Map<DenseLayer, Factorization> factor(
      Teacher teacher, Calibration calibration, InheritOptions options, Progress progress)
      throws CancelledException {
    Map<DenseLayer, Factorization> factors = new LinkedHashMap<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      DenseLayer layer = teacher.layers().get(i);
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      if (gains(layer, options)) {
        factors.put(
            layer,
            Factorization.of(
                layer.weight(),
                layer.outputs(),
                layer.inputs(),
                options.method().weighsByData()
                    ? Optional.of(calibration.layers().get(i).metric())
                    : Optional.empty()));
      }
      progress.step(i + 1, teacher.layers().size(), OptionalDouble.empty());
    }
    return factors;
  }
}
