package dev.heirloom.inheritance;

import dev.heirloom.inheritance.sample.SampleSources;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The data of one inheritance: training samples, a part of them held back for every choice, and
 * validation samples that are only reported on.
 */
public record Samples(
    SampleSet train,
    SampleSet heldBack,
    SampleSet validate,
    List<Preprocessing> preprocessing,
    Preprocessor preprocessor,
    Purpose purpose) {

  private static final int MOST_HELD_BACK = 2000;

  /**
   * Reads and splits the data, for what it and the teacher tell.
   *
   * @param trainSpec samples to train and choose on, as {@code SampleSources} reads them
   * @param validateSpec samples to report on
   * @param normalize {@code [input=]mean/deviation} options
   * @param seed of the order, and so of the part that is held back
   */
  public static Samples read(
      Teacher teacher, String trainSpec, String validateSpec, List<String> normalize, long seed)
      throws IOException, MalformedException, SessionException, RefusedException {
    return read(
        teacher, trainSpec, validateSpec, normalize, seed, Reading.quiet(), TaskChoice.AUTO);
  }

  static Samples read(
      Teacher teacher,
      String trainSpec,
      String validateSpec,
      List<String> normalize,
      long seed,
      Reading reading,
      TaskChoice choice)
      throws IOException, MalformedException, SessionException, RefusedException {
    List<TensorSpec> inputs = teacher.inputs();
    SampleSet all = SampleSources.read(trainSpec, inputs, reading);
    SampleSet validate = SampleSources.read(validateSpec, inputs, reading);
    Map<String, Normalization> normalizations = Normalization.parse(normalize);
    List<Preprocessing> preprocessing = Preprocessor.of(all, inputs, normalizations);
    Preprocessor preprocessor = new Preprocessor(preprocessing, inputs);
    if (all.size() < 20) {
      throw new MalformedException(
          trainSpec
              + ": "
              + all.size()
              + " samples are too few to train on (expected: 20 or more)");
    }
    Purpose purpose =
        purpose(teacher, all, validate, preprocessor, trainSpec, validateSpec, choice);
    if (choice.distillation() == Distillation.NONE && !purpose.labelled(all)) {
      throw new RefusedException(
          trainSpec + ": has no labels, and nothing of the teacher is to be learnt",
          List.of("give labels, or another --distil than none"));
    }
    int[] order = shuffled(all.size(), seed);
    int held = Math.min(MOST_HELD_BACK, all.size() / 10);
    return new Samples(
        all.select(Arrays.copyOfRange(order, held, order.length)),
        all.select(Arrays.copyOfRange(order, 0, held)),
        validate,
        preprocessing,
        preprocessor,
        purpose);
  }

  /** What the answers are. */
  public Task task() {
    return purpose.task();
  }

  /** Whether it is known what the answers should be. */
  boolean labelled() {
    return purpose.labelled(train);
  }

  private static Purpose purpose(
      Teacher teacher,
      SampleSet train,
      SampleSet validate,
      Preprocessor preprocessor,
      String trainSpec,
      String validateSpec,
      TaskChoice choice)
      throws MalformedException, SessionException {
    String output = choice.output().orElse(teacher.original().outputs().get(0).name());
    long[] dims = dims(teacher, preprocessor.batch(train, new int[] {0}), output);
    Purpose purpose;
    try {
      purpose = Purpose.choose(choice.task(), output, dims, train);
    } catch (MalformedException e) {
      throw e.in(trainSpec);
    }
    if (purpose.labelled(train) != purpose.labelled(validate)) {
      throw new MalformedException(
          "%s has labels, %s has none (expected: labels in both or in neither)"
              .formatted(
                  purpose.labelled(train) ? trainSpec : validateSpec,
                  purpose.labelled(train) ? validateSpec : trainSpec));
    }
    try {
      purpose.check(dims, validate);
    } catch (MalformedException e) {
      throw e.in(validateSpec);
    }
    if (purpose.task() == Task.TASK_CLASSIFICATION && train.labelled()) {
      requireTwoClasses(train, trainSpec);
    }
    return purpose;
  }

  /** Samples of one class teach nothing, and every model is right about them. */
  private static void requireTwoClasses(SampleSet set, String spec) throws MalformedException {
    long first = set.label(0, 0);
    for (int i = 1; i < set.size(); i++) {
      if (set.label(i, 0) != first) {
        return;
      }
    }
    throw new MalformedException(
        spec + ": every label is " + first + " (expected: samples of two classes or more)");
  }

  private static long[] dims(Teacher teacher, Map<String, TensorValue> one, String output)
      throws MalformedException, SessionException {
    try (OnnxSession session =
        OnnxSession.open(teacher.original().bytes(), SessionSettings.cpu(1))) {
      String answer = new Purpose(Task.TASK_UNSPECIFIED, output).answer(session.outputs()).name();
      return Objects.requireNonNull(session.run(one, List.of(answer)).get(answer)).dims();
    }
  }

  private static int[] shuffled(int size, long seed) {
    int[] order = IntStream.range(0, size).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
