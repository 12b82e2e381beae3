package dev.heirloom.inheritance.factor;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The decomposition of one weight under one metric, from the eigenvectors of the smaller of its two
 * Gram matrices: a few times faster than a singular value decomposition of {@code W C} itself.
 *
 * <p>With M = C Cᵀ and no more outputs than inputs, {@code W M Wᵀ = U S² Uᵀ}; then {@code up = U√S}
 * and {@code down = √S Vᵀ C⁻¹ = Uᵀ W / √S}, and C is never needed. With more outputs, {@code Cᵀ Wᵀ
 * W C = V S² Vᵀ}; then {@code down = √S Vᵀ C⁻¹} and {@code up = W C V / √S}. The Gram matrix is in
 * float64, so what is lost lies eight decimals below the largest singular value; U and V are
 * orthonormal whatever S is, so the full rank gives the weight back. Weights are taken in blocks:
 * beside the factors only matrices of the smaller side are held.
 */
final class GramFactors {

  private static final int BLOCK = 1024;
  private static final double LEAST_RATIO = 1e-7;

  private final float[] weight;
  private final int outputs;
  private final int inputs;
  private final int rank;
  private final Optional<InputMetric> metric;
  private final float[] up;
  private final float[] down;
  private double[] singularValues = new double[0];

  /**
   * Decomposes.
   *
   * @param weight float32, row-major, outputs × inputs
   * @param metric of the layer's inputs, with rows seen
   * @param rank components that are kept, from 1 to the smaller side
   */
  GramFactors(float[] weight, int outputs, int inputs, Optional<InputMetric> metric, int rank) {
    this.weight = weight;
    this.outputs = outputs;
    this.inputs = inputs;
    this.rank = rank;
    this.metric = metric;
    this.up = new float[Math.multiplyExact(outputs, rank)];
    this.down = new float[Math.multiplyExact(rank, inputs)];
    if (outputs <= inputs) {
      byOutputs();
    } else {
      byInputs();
    }
  }

  /** Of all components, descending. */
  double[] singularValues() {
    return singularValues;
  }

  /** Float32, row-major, outputs × rank. */
  float[] up() {
    return up;
  }

  /** Float32, row-major, rank × inputs. */
  float[] down() {
    return down;
  }

  private void byOutputs() {
    INDArray gram = Lapack.zeros(outputs, outputs);
    boolean full = metric.isPresent() && metric.get().isFull();
    if (full) {
      addWeightedGram(gram);
    } else {
      double[] deviations = metric.map(InputMetric::deviations).orElse(new double[0]);
      try (INDArray block = Lapack.columnMajor(Math.min(BLOCK, inputs), outputs)) {
        for (int from = 0; from < inputs; from += BLOCK) {
          int used = fillInputs(block, from, deviations);
          Lapack.addGram(block, used, gram);
        }
      }
    }
    double[] roots = decompose(gram);
    double[] column = new double[outputs];
    DoublePointer u = Lapack.doubles(gram);
    for (int k = 0; k < rank; k++) {
      u.position((long) k * outputs).get(column);
      for (int i = 0; i < outputs; i++) {
        up[i * rank + k] = (float) (column[i] * roots[k]);
        column[i] /= roots[k];
      }
      u.put(column);
    }
    u.position(0);
    try (INDArray block = Lapack.columnMajor(Math.min(BLOCK, inputs), outputs);
        INDArray product = Lapack.columnMajor(Math.min(BLOCK, inputs), rank)) {
      for (int from = 0; from < inputs; from += BLOCK) {
        int used = fillInputs(block, from, new double[0]);
        Lapack.multiply(block, false, used, gram, product);
        takeDown(product, from, used);
      }
    }
    gram.close();
  }

  private void addWeightedGram(INDArray gram) {
    try (INDArray covariance = metric.orElseThrow().covariance();
        INDArray whole = Lapack.columnMajor(inputs, outputs)) {
      fillOutputs(whole, 0, outputs);
      try (INDArray weighted = Lapack.multiplySymmetric(covariance, whole)) {
        Lapack.multiply(whole, true, inputs, weighted, gram);
      }
    }
  }

  private void byInputs() {
    INDArray gram = Lapack.zeros(inputs, inputs);
    try (INDArray block = Lapack.columnMajor(inputs, Math.min(BLOCK, outputs))) {
      for (int from = 0; from < outputs; from += BLOCK) {
        int used = Math.min(BLOCK, outputs - from);
        fillOutputs(block, from, used);
        Lapack.addOuter(block, used, gram);
      }
      Root root = new Root(metric, inputs);
      INDArray inner = root.around(gram);
      double[] roots = decompose(inner);
      INDArray scaled = inner.dup('f');
      scaleColumns(inner, roots, true);
      root.solve(inner);
      takeDown(inner, 0, inputs);
      inner.close();
      scaleColumns(scaled, roots, false);
      root.multiply(scaled);
      try (INDArray product = Lapack.columnMajor(rank, Math.min(BLOCK, outputs))) {
        for (int from = 0; from < outputs; from += BLOCK) {
          int used = Math.min(BLOCK, outputs - from);
          fillOutputs(block, from, used);
          Lapack.multiply(scaled, true, inputs, block, product);
          takeUp(product, from, used);
        }
      }
      scaled.close();
      root.close();
    }
  }

  /**
   * Replaces a Gram matrix by its eigenvectors, the most telling first, and keeps the singular
   * values; returns their square roots, the least ones raised so that they can be divided by.
   */
  private double[] decompose(INDArray gram) {
    double[] values = Lapack.eigen(gram);
    int n = values.length;
    singularValues = new double[n];
    for (int k = 0; k < n; k++) {
      singularValues[k] = Math.sqrt(Math.max(0, values[n - 1 - k]));
    }
    DoublePointer p = Lapack.doubles(gram);
    double[] left = new double[n];
    double[] right = new double[n];
    for (int k = 0; k < n / 2; k++) {
      p.position((long) k * n).get(left);
      p.position((long) (n - 1 - k) * n).get(right);
      p.put(left);
      p.position((long) k * n).put(right);
    }
    p.position(0);
    double least = LEAST_RATIO * singularValues[0];
    return Arrays.stream(singularValues)
        .map(s -> singularValues[0] == 0 ? 1 : Math.sqrt(Math.max(s, least)))
        .toArray();
  }

  /** Rows: inputs from one on, at most a block; columns: outputs. Returns how many rows. */
  private int fillInputs(INDArray block, int from, double[] factors) {
    int used = Math.min(BLOCK, inputs - from);
    DoublePointer p = Lapack.doubles(block);
    double[] column = new double[used];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < used; i++) {
        column[i] = weight[o * inputs + from + i];
      }
      for (int i = 0; factors.length > 0 && i < used; i++) {
        column[i] *= factors[from + i];
      }
      p.position((long) o * block.rows()).put(column);
    }
    p.position(0);
    return used;
  }

  /** Rows: inputs; columns: outputs from one on. */
  private void fillOutputs(INDArray block, int from, int used) {
    DoublePointer p = Lapack.doubles(block);
    double[] column = new double[inputs];
    for (int o = 0; o < used; o++) {
      for (int i = 0; i < inputs; i++) {
        column[i] = weight[(from + o) * inputs + i];
      }
      p.position((long) o * inputs).put(column);
    }
    p.position(0);
  }

  /** Columns are the components of the down-projection, rows its inputs from one on. */
  private void takeDown(INDArray components, int from, int used) {
    DoublePointer p = Lapack.doubles(components);
    double[] column = new double[used];
    for (int k = 0; k < rank; k++) {
      p.position((long) k * components.rows()).get(column);
      for (int i = 0; i < used; i++) {
        down[k * inputs + from + i] = (float) column[i];
      }
    }
    p.position(0);
  }

  /** Columns are the up-projection's outputs from one on, rows its components. */
  private void takeUp(INDArray product, int from, int used) {
    DoublePointer p = Lapack.doubles(product);
    double[] column = new double[rank];
    for (int o = 0; o < used; o++) {
      p.position((long) o * rank).get(column);
      for (int k = 0; k < rank; k++) {
        up[(from + o) * rank + k] = (float) column[k];
      }
    }
    p.position(0);
  }

  private static void scaleColumns(INDArray a, double[] roots, boolean times) {
    DoublePointer p = Lapack.doubles(a);
    double[] column = new double[Math.toIntExact(a.rows())];
    for (int k = 0; k < roots.length; k++) {
      p.position((long) k * column.length).get(column);
      for (int i = 0; i < column.length; i++) {
        column[i] = times ? column[i] * roots[k] : column[i] / roots[k];
      }
      p.put(column);
    }
    p.position(0);
  }
}
