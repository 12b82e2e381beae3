package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/** Answers that each name a class, by a row of scores. */
final class ClassAnswers implements Answers {

  private final String output;
  private final boolean perPosition;
  private final SampleSet samples;
  private int[] classes = {};
  private long correct;
  private double loss;

  ClassAnswers(String output, Purpose purpose, SampleSet samples) {
    this.output = output;
    this.perPosition = purpose.task() == Task.TASK_NEXT_TOKEN;
    this.samples = samples;
  }

  @Override
  public void add(Map<String, TensorValue> inputs, TensorValue output, int from, int to)
      throws MalformedException {
    int answers = answers(output);
    int width = checkedClasses(output, answers, from, to);
    if (from == 0) {
      classes = new int[Math.multiplyExact(samples.size(), answers)];
    }
    FloatBuffer values = output.floatBuffer();
    for (int sample = from; sample < to; sample++) {
      for (int position = 0; position < answers; position++) {
        int row = ((sample - from) * answers + position) * width;
        Scores read = Scores.of(values, row, width);
        classes[sample * answers + position] = read.best();
        if (samples.labelled()) {
          meet(samples.label(sample, position), read, values, row, width, sample);
        }
      }
    }
  }

  private void meet(long label, Scores read, FloatBuffer values, int row, int width, int sample)
      throws MalformedException {
    if (label < 0 || label >= width) {
      throw new MalformedException(
          "label of sample %d: %d (expected: 0..%d)".formatted(sample, label, width - 1));
    }
    correct += read.best() == label ? 1 : 0;
    loss += read.loss(values.get(row + (int) label));
  }

  /** Answers to each sample. */
  private int answers(TensorValue scores) {
    if (samples.labelled()) {
      return samples.labelsPerSample();
    }
    long[] dims = scores.dims();
    return perPosition && dims.length == 3 ? Math.toIntExact(dims[1]) : 1;
  }

  /** The number of classes, after checking that there is a row of them for each answer. */
  private int checkedClasses(TensorValue scores, int answers, int from, int to)
      throws MalformedException {
    long[] dims = scores.dims();
    boolean fits =
        perPosition ? dims.length == 3 && dims[1] == answers : dims.length >= 2 && answers == 1;
    long width = fits ? scores.elements() / ((long) (to - from) * answers) : 0;
    if (!fits || dims[0] != to - from || width < 1 || dims[dims.length - 1] != width) {
      throw new MalformedException(
          "output %s: dims %s (expected: a score per class for %d samples with %d labels each)"
              .formatted(output, Arrays.toString(dims), to - from, answers));
    }
    if (from > 0 && (long) samples.size() * answers != classes.length) {
      throw new MalformedException(
          "output %s: %d answers a sample (expected: %d, as before)"
              .formatted(output, answers, classes.length / samples.size()));
    }
    return (int) width;
  }

  @Override
  public OptionalDouble accuracy() {
    return samples.labelled()
        ? OptionalDouble.of((double) correct / classes.length)
        : OptionalDouble.empty();
  }

  @Override
  public OptionalDouble loss() {
    return samples.labelled() ? OptionalDouble.of(loss / classes.length) : OptionalDouble.empty();
  }

  @Override
  public int[] classes() {
    return classes.clone();
  }

  @Override
  public float[] numbers() {
    return new float[0];
  }

  @Override
  public double agreement(int[] reference, float[] numbers) {
    if (classes.length != reference.length) {
      throw new IllegalArgumentException(
          "answers: %d and %d (expected: to the same samples)"
              .formatted(classes.length, reference.length));
    }
    int same = 0;
    for (int i = 0; i < classes.length; i++) {
      same += classes[i] == reference[i] ? 1 : 0;
    }
    return (double) same / classes.length;
  }
}
