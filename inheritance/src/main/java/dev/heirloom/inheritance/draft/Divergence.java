package dev.heirloom.inheritance.draft;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.measure.Likeness;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How far a model's answers are from a reference model's on the same samples: for classes the mean
 * Kullback-Leibler divergence between their distributions, in nats; for numbers the squared error
 * as a share of the reference's spread; for embeddings one less the mean cosine. Every other
 * floating-point output adds its squared error as such a share, their mean.
 *
 * <p>Errors of layers are not comparable as they stand: a tenth of one layer's output energy may
 * matter less than a hundredth of another's. Measured at the model's output they are in one unit.
 */
public final class Divergence {

  private static final int BATCH = 64;

  private final SampleSet samples;
  private final Preprocessor preprocessor;
  private final SessionSettings settings;
  private final Purpose purpose;
  private final List<Values> reference;

  /**
   * @param model the reference, as ONNX; its first output holds class scores on its last axis
   */
  public Divergence(
      byte[] model, SampleSet samples, Preprocessor preprocessor, SessionSettings settings)
      throws SessionException, MalformedException {
    this(model, samples, preprocessor, settings, Purpose.of(Task.TASK_CLASSIFICATION));
  }

  /**
   * @param model the reference, as ONNX
   * @param purpose what its answers are
   */
  public Divergence(
      byte[] model,
      SampleSet samples,
      Preprocessor preprocessor,
      SessionSettings settings,
      Purpose purpose)
      throws SessionException, MalformedException {
    this.samples = samples;
    this.preprocessor = preprocessor;
    this.settings = settings;
    this.purpose = purpose;
    this.reference = values(model);
  }

  /**
   * What one output holds for all samples.
   *
   * @param elements of one sample
   * @param width of the last axis, or of one vector of an embedding
   */
  @SuppressWarnings("ArrayRecordComponent") // never leaves this class
  private record Values(float[] all, int elements, int width) {}

  /** Measures a model with the same inputs and outputs; from 0. */
  public double of(byte[] model) throws SessionException, MalformedException {
    List<Values> values = values(model);
    double others = 0;
    for (int i = 1; i < values.size(); i++) {
      others += missed(reference.get(i), values.get(i)) / (values.size() - 1);
    }
    return Math.max(0, answers(reference.get(0), values.get(0)) + others);
  }

  private double answers(Values expected, Values actual) {
    if (purpose.namesClasses()) {
      int rows = expected.all.length / expected.width;
      return sum(expected.all, actual.all, expected.width) / Math.max(1, rows);
    }
    return purpose.task() == Task.TASK_EMBEDDING
        ? 1 - Likeness.cosine(expected.all, actual.all, expected.width)
        : missed(expected, actual);
  }

  /** An output that never varies says nothing of how far apart the models are. */
  private static double missed(Values expected, Values actual) {
    double unexplained = Likeness.unexplained(expected.all, actual.all, expected.elements);
    return Double.isInfinite(unexplained) ? 0 : unexplained;
  }

  /** The answers first, then the other floating-point outputs. */
  private List<Values> values(byte[] model) throws SessionException, MalformedException {
    try (OnnxSession session = OnnxSession.open(model, settings)) {
      List<String> names = new ArrayList<>();
      names.add(purpose.answer(session.outputs()).name());
      names.addAll(purpose.others(session.outputs()));
      List<Values> values = new ArrayList<>();
      for (int start = 0; start < samples.size(); start += BATCH) {
        int end = Math.min(samples.size(), start + BATCH);
        Map<String, TensorValue> outputs =
            session.run(preprocessor.batch(samples, IntStream.range(start, end).toArray()), names);
        for (int i = 0; i < names.size(); i++) {
          TensorValue output = Objects.requireNonNull(outputs.get(names.get(i)));
          int elements = output.elements() / (end - start);
          if (start == 0) {
            values.add(
                new Values(
                    new float[Math.multiplyExact(elements, samples.size())],
                    elements,
                    width(output.dims())));
          }
          output.floatBuffer().get(0, values.get(i).all, start * elements, output.elements());
        }
      }
      return values;
    }
  }

  private int width(long[] dims) {
    return purpose.task() == Task.TASK_EMBEDDING
        ? Likeness.vector(dims)
        : Math.toIntExact(dims[dims.length - 1]);
  }

  /** Sum over rows of {@code Σ p (log p − log q)}, p and q the softmax of each row. */
  static double sum(float[] reference, float[] other, int classes) {
    double sum = 0;
    for (int start = 0; start < reference.length; start += classes) {
      double p = logSum(reference, start, classes);
      double q = logSum(other, start, classes);
      for (int i = start; i < start + classes; i++) {
        sum += Math.exp(reference[i] - p) * ((reference[i] - p) - (other[i] - q));
      }
    }
    return sum;
  }

  private static double logSum(float[] values, int start, int classes) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = start; i < start + classes; i++) {
      largest = Math.max(largest, values[i]);
    }
    double sum = 0;
    for (int i = start; i < start + classes; i++) {
      sum += Math.exp(values[i] - largest);
    }
    return largest + Math.log(sum);
  }
}
