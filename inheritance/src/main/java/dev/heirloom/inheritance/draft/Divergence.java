package dev.heirloom.inheritance.draft;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far a model's answers are from a reference model's on the same samples: the mean
 * Kullback-Leibler divergence between their class distributions, in nats.
 *
 * <p>Errors of layers are not comparable as they stand: a tenth of one layer's output energy may
 * matter less than a hundredth of another's. Measured at the model's output they are in one unit.
 */
public final class Divergence {

  private static final int BATCH = 64;

  private final SampleSet samples;
  private final Preprocessor preprocessor;
  private final SessionSettings settings;
  private final Answers reference;

  /**
   * @param model the reference, as ONNX; its first output holds class scores on its last axis
   */
  public Divergence(
      byte[] model, SampleSet samples, Preprocessor preprocessor, SessionSettings settings)
      throws SessionException, MalformedException {
    this.samples = samples;
    this.preprocessor = preprocessor;
    this.settings = settings;
    this.reference = answers(model);
  }

  private record Answers(List<float[]> batches, int classes) {}

  /** Measures a model with the same inputs and output; nats per answer, from 0. */
  public double of(byte[] model) throws SessionException, MalformedException {
    Answers answers = answers(model);
    double sum = 0;
    long values = 0;
    for (int i = 0; i < answers.batches.size(); i++) {
      float[] expected = reference.batches.get(i);
      sum += sum(expected, answers.batches.get(i), reference.classes);
      values += expected.length;
    }
    return Math.max(0, sum * reference.classes / Math.max(1, values));
  }

  private Answers answers(byte[] model) throws SessionException, MalformedException {
    try (OnnxSession session = OnnxSession.open(model, settings)) {
      List<float[]> batches = new ArrayList<>();
      int classes = 1;
      for (int start = 0; start < samples.size(); start += BATCH) {
        int[] indices = IntStream.range(start, Math.min(samples.size(), start + BATCH)).toArray();
        TensorValue value = session.runFirst(preprocessor.batch(samples, indices));
        classes = Math.toIntExact(value.dims()[value.dims().length - 1]);
        batches.add(value.toFloats());
      }
      return new Answers(batches, classes);
    }
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
