package dev.heirloom.inheritance.factor;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How much each direction of a layer's outputs matters to the network's answers: the second moment
 * G of the gradients of the answers' log-likelihood by these outputs, which is the layer's factor
 * on this side of the Fisher information in its Kronecker-factored approximation.
 *
 * <p>With {@code G = L Lᵀ} an error δ of the outputs changes the answers by about {@code |Lᵀ δ|²};
 * so {@code Lᵀ W} is factored in the place of W, and {@code L⁻ᵀ} brings the up-projection back. Up
 * to {@value #LARGEST_FULL} outputs G is kept whole; beyond that only its diagonal is.
 */
public final class OutputMetric {

  private static final int LARGEST_FULL = 768;
  private static final double SHRINKAGE = 0.02;

  private final int outputs;
  private final double[] moment;
  private long count;

  /**
   * @param outputs length of one output row
   */
  public OutputMetric(int outputs) {
    this.outputs = outputs;
    this.moment = new double[isFull() ? outputs * outputs : outputs];
  }

  /** Whether the second moment is kept whole, not its diagonal alone. */
  boolean isFull() {
    return outputs <= LARGEST_FULL;
  }

  /**
   * Adds gradients.
   *
   * @param products sum of their outer products: float32, outputs × outputs
   * @param number of gradients
   */
  public void add(float[] products, long number) {
    for (int i = 0; i < moment.length; i++) {
      moment[i] += products[isFull() ? i : i * (outputs + 1)];
    }
    count += number;
  }

  /** Whether the gradients that were seen are finite and not all zero. */
  boolean tells() {
    return count > 0 && level() > 0 && level() < Double.POSITIVE_INFINITY;
  }

  /** Mean of the diagonal. */
  private double level() {
    double trace = 0;
    for (int i = 0; i < outputs; i++) {
      trace += meanSquare(i);
    }
    return trace / outputs;
  }

  /** Mean square of the gradient by one output. */
  public double meanSquare(int output) {
    return moment[isFull() ? output * (outputs + 1) : output] / Math.max(1, count);
  }

  /**
   * Returns a lower-triangular L with {@code L Lᵀ} = G over its mean diagonal, shrunk a little
   * towards the identity, and further where that is not positive definite in float64.
   */
  INDArray root() {
    return Root.shrunk(SHRINKAGE, this::relative);
  }

  /** G over its mean diagonal, with something added to the diagonal: the lower triangle. */
  private INDArray relative(double added) {
    double level = level();
    INDArray result = Lapack.columnMajor(outputs, outputs);
    DoublePointer to = Lapack.doubles(result);
    double[] column = new double[outputs];
    for (int j = 0; j < outputs; j++) {
      Arrays.fill(column, 0);
      for (int i = j; i < outputs; i++) {
        column[i] = moment[j * outputs + i] / count / level;
      }
      column[j] += added;
      to.position((long) j * outputs).put(column);
    }
    to.position(0);
    return result;
  }

  /** Root of each output's second moment over their mean, shrunk alike. */
  double[] deviations() {
    double level = level();
    double[] deviations = new double[outputs];
    for (int i = 0; i < outputs; i++) {
      deviations[i] = Math.sqrt(meanSquare(i) / level + SHRINKAGE);
    }
    return deviations;
  }
}
