package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** Runs labelled samples through a model and counts what it gets right. */
public final class Evaluation {

  private final SampleSet samples;
  private final Task task;
  private final int[] classes;
  private long correct;
  private double loss;

  private Evaluation(SampleSet samples, Task task) {
    this.samples = samples;
    this.task = task;
    this.classes = new int[Math.multiplyExact(samples.size(), samples.labelsPerSample())];
  }

  /**
   * What a model is for, by the shape of its scores.
   *
   * @param output name of the output that holds the scores
   * @param dims its shape, batch first
   * @throws MalformedException if a score per class, or per class and position, has another shape
   */
  public static Task task(String output, long[] dims) throws MalformedException {
    return switch (dims.length) {
      case 2 -> Task.TASK_CLASSIFICATION;
      case 3 -> Task.TASK_NEXT_TOKEN;
      default ->
          throw new MalformedException(
              "output %s: shape %s (expected: [batch, classes] or [batch, positions, classes])"
                  .formatted(output, Arrays.toString(dims)));
    };
  }

  /**
   * Evaluates the model's first output. Samples that do not fill a batch run as a smaller one.
   *
   * @param batch samples per run
   * @param samplesDone is told after each run how many samples are done
   * @throws MalformedException if the samples have no labels, a label is out of range, or the
   *     output does not hold a score per class for each label
   */
  public static Result of(
      OnnxSession session,
      SampleSet samples,
      Preprocessor preprocessor,
      Task task,
      int batch,
      LongConsumer samplesDone)
      throws SessionException, MalformedException {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: " + batch + " (expected: 1 or more)");
    }
    if (!samples.labelled() || samples.size() == 0) {
      throw new MalformedException("the samples have no labels");
    }
    String output = session.outputs().get(0).name();
    Evaluation evaluation = new Evaluation(samples, task);
    for (int from = 0; from < samples.size(); from += batch) {
      int to = Math.min(samples.size(), from + batch);
      int[] indices = IntStream.range(from, to).toArray();
      TensorValue scores = session.runFirst(preprocessor.batch(samples, indices));
      evaluation.count(output, scores, from, to);
      samplesDone.accept(to);
    }
    return evaluation.result();
  }

  private void count(String output, TensorValue scores, int from, int to)
      throws MalformedException {
    int labels = samples.labelsPerSample();
    int width = checkedClasses(output, scores, from, to);
    FloatBuffer values = scores.floatBuffer();
    for (int sample = from; sample < to; sample++) {
      for (int position = 0; position < labels; position++) {
        long label = samples.label(sample, position);
        if (label < 0 || label >= width) {
          throw new MalformedException(
              "label of sample %d: %d (expected: 0..%d)".formatted(sample, label, width - 1));
        }
        int row = ((sample - from) * labels + position) * width;
        Scores read = Scores.of(values, row, width);
        classes[sample * labels + position] = read.best();
        correct += read.best() == label ? 1 : 0;
        loss += read.loss(values.get(row + (int) label));
      }
    }
  }

  /** The number of classes, after checking that there is a row of them for each label. */
  private int checkedClasses(String output, TensorValue scores, int from, int to)
      throws MalformedException {
    long[] dims = scores.dims();
    int labels = samples.labelsPerSample();
    if (scores.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException("output " + output + ": not floating-point scores");
    }
    boolean fits =
        task == Task.TASK_NEXT_TOKEN
            ? dims.length == 3 && dims[1] == labels
            : dims.length >= 2 && labels == 1;
    long width = fits ? scores.elements() / ((long) (to - from) * labels) : 0;
    if (!fits || dims[0] != to - from || width < 1 || dims[dims.length - 1] != width) {
      throw new MalformedException(
          "output %s: dims %s (expected: a score per class for %d samples with %d labels each)"
              .formatted(output, Arrays.toString(dims), to - from, labels));
    }
    return (int) width;
  }

  private Result result() {
    double labels = classes.length;
    return new Result(correct / labels, loss / labels, classes);
  }

  /** What an evaluation found. */
  public static final class Result {

    private final double accuracy;
    private final double loss;
    private final int[] classes;

    private Result(double accuracy, double loss, int[] classes) {
      this.accuracy = accuracy;
      this.loss = loss;
      this.classes = classes;
    }

    /** Share of labels met, 0..1. */
    public double accuracy() {
      return accuracy;
    }

    /** Mean cross-entropy, in nats. */
    public double loss() {
      return loss;
    }

    /** The class that the model names for each label, in the labels' layout. */
    public int[] classes() {
      return classes.clone();
    }

    /** Share of labels for which both models name the same class, 0..1. */
    public double agreement(Result other) {
      if (classes.length != other.classes.length) {
        throw new IllegalArgumentException(
            "labels: %d and %d (expected: the same samples)"
                .formatted(classes.length, other.classes.length));
      }
      int same = 0;
      for (int i = 0; i < classes.length; i++) {
        same += classes[i] == other.classes[i] ? 1 : 0;
      }
      return (double) same / classes.length;
    }
  }
}
