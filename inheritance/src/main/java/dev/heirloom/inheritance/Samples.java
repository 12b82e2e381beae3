package dev.heirloom.inheritance;

import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The data of one inheritance: training samples, a part of them held back for every choice, and
 * validation samples that are only reported on.
 */
record Samples(
    SampleSet train,
    SampleSet heldBack,
    SampleSet validate,
    List<Preprocessing> preprocessing,
    Preprocessor preprocessor,
    Task task) {

  private static final int MOST_HELD_BACK = 2000;

  static Samples read(
      Teacher teacher, String trainSpec, String validateSpec, List<String> normalize, long seed)
      throws IOException, MalformedException, SessionException {
    List<TensorSpec> inputs = teacher.inputs();
    SampleSet all = SampleFiles.readLabelled(trainSpec, inputs);
    SampleSet validate = SampleFiles.readLabelled(validateSpec, inputs);
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
    Task task = checkLabels(teacher, all, validate, preprocessor, trainSpec, validateSpec);
    int[] order = shuffled(all.size(), seed);
    int held = Math.min(MOST_HELD_BACK, all.size() / 10);
    return new Samples(
        all.select(Arrays.copyOfRange(order, held, order.length)),
        all.select(Arrays.copyOfRange(order, 0, held)),
        validate,
        preprocessing,
        preprocessor,
        task);
  }

  private static Task checkLabels(
      Teacher teacher,
      SampleSet train,
      SampleSet validate,
      Preprocessor preprocessor,
      String trainSpec,
      String validateSpec)
      throws MalformedException, SessionException {
    String output = teacher.original().outputs().get(0).name();
    long[] dims;
    try (OnnxSession session =
        OnnxSession.open(teacher.original().bytes(), SessionSettings.cpu(1))) {
      dims = session.runFirst(preprocessor.batch(train, new int[] {0})).dims();
    }
    Task task = Evaluation.task(output, dims);
    int expected = task == Task.TASK_CLASSIFICATION ? 1 : Math.toIntExact(dims[1]);
    checkLabels(train, trainSpec, expected, dims[dims.length - 1]);
    checkLabels(validate, validateSpec, expected, dims[dims.length - 1]);
    if (task == Task.TASK_CLASSIFICATION) {
      requireTwoClasses(train, trainSpec);
    }
    return task;
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

  private static void checkLabels(SampleSet set, String spec, int perSample, long classes)
      throws MalformedException {
    if (set.labelsPerSample() != perSample) {
      throw new MalformedException(
          spec + ": " + set.labelsPerSample() + " labels a sample (expected: " + perSample + ")");
    }
    try {
      set.checkLabels(classes);
    } catch (MalformedException e) {
      throw e.in(spec);
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
