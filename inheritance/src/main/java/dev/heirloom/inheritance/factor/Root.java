package dev.heirloom.inheritance.factor;

import java.util.Optional;
import java.util.function.DoubleFunction;
import org.bytedeco.javacpp.DoublePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A matrix C with {@code C Cᵀ} = a metric: the identity where there is none, a diagonal where only
 * that was kept, and lower-triangular otherwise.
 */
final class Root implements AutoCloseable {

  private final Optional<INDArray> lower;
  private final double[] diagonal;

  Root(Optional<InputMetric> metric, int inputs) {
    boolean full = metric.isPresent() && metric.get().isFull();
    this.lower = full ? metric.map(InputMetric::root) : Optional.empty();
    this.diagonal = full || metric.isEmpty() ? new double[0] : metric.get().deviations();
    if (diagonal.length > 0 && diagonal.length != inputs) {
      throw new IllegalArgumentException(
          "metric of " + diagonal.length + " inputs (expected: " + inputs + ")");
    }
  }

  Root(OutputMetric metric) {
    this.lower = metric.isFull() ? Optional.of(metric.root()) : Optional.empty();
    this.diagonal = metric.isFull() ? new double[0] : metric.deviations();
  }

  /**
   * The lower-triangular root of a matrix that is shrunk as much as it takes to be positive
   * definite in float64.
   *
   * @param least share of the shrinkage that is tried first
   * @param metric lower triangle of the matrix with some share of shrinkage
   */
  static INDArray shrunk(double least, DoubleFunction<INDArray> metric) {
    for (double share = least; ; share *= 10) {
      INDArray root = metric.apply(share);
      if (Lapack.cholesky(root)) {
        return root;
      }
      root.close();
    }
  }

  /** Returns {@code Cᵀ · gram · C}, in place where it can be; closes gram where it cannot. */
  INDArray around(INDArray gram) {
    if (lower.isPresent()) {
      INDArray product = Lapack.multiplySymmetric(gram, lower.get());
      gram.close();
      Lapack.multiplyTriangle(lower.get(), true, product);
      return product;
    }
    scale(gram, true, true);
    return gram;
  }

  /** Replaces a by {@code C · a}. */
  void multiply(INDArray a) {
    lower.ifPresent(c -> Lapack.multiplyTriangle(c, false, a));
    scale(a, true, false);
  }

  /** Replaces a by {@code Cᵀ · a}. */
  void multiplyTransposed(INDArray a) {
    lower.ifPresent(c -> Lapack.multiplyTriangle(c, true, a));
    scale(a, true, false);
  }

  /** Replaces a by {@code C⁻ᵀ · a}. */
  void solve(INDArray a) {
    lower.ifPresent(c -> Lapack.solveTransposed(c, a));
    scale(a, false, false);
  }

  private void scale(INDArray a, boolean times, boolean bothSides) {
    if (diagonal.length == 0) {
      return;
    }
    int n = diagonal.length;
    DoublePointer p = Lapack.doubles(a);
    double[] column = new double[n];
    for (int j = 0; j < a.columns(); j++) {
      p.position((long) j * n).get(column);
      for (int i = 0; i < n; i++) {
        double factor = bothSides ? diagonal[i] * diagonal[j] : diagonal[i];
        column[i] = times ? column[i] * factor : column[i] / factor;
      }
      p.put(column);
    }
    p.position(0);
  }

  @Override
  public void close() {
    lower.ifPresent(INDArray::close);
  }
}
