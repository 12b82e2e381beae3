package dev.heirloom.inheritance.factor;

import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.DoublePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight matrix as an ordered product of factors: its first r components are its best rank-r map.
 *
 * <p>{@code W ≈ up · down} with {@code up = U√S}, {@code down = √S Vᵀ C⁻¹} from the singular value
 * decomposition of {@code W C}; C is the identity without an {@link InputMetric}. With an {@link
 * OutputMetric} {@code Lᵀ W C} is decomposed, and {@code up = L⁻ᵀ U√S}.
 */
public final class Factorization {

  private final int outputs;
  private final int inputs;
  private final double[] singularValues;
  private final int held;
  private final float[] up;
  private final float[] down;

  private Factorization(
      int outputs, int inputs, double[] singularValues, int held, float[] up, float[] down) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.held = held;
    this.singularValues = singularValues;
    this.up = up;
    this.down = down;
  }

  /**
   * Factors a weight.
   *
   * @param weight float32, row-major, outputs × inputs
   * @param metric of the layer's inputs; without it every input direction counts alike
   */
  public static Factorization of(
      float[] weight, int outputs, int inputs, Optional<InputMetric> metric) {
    return of(weight, outputs, inputs, metric, Optional.empty());
  }

  /**
   * Factors a weight.
   *
   * @param weight float32, row-major, outputs × inputs
   * @param seen metric of the layer's inputs; without it every input direction counts alike
   * @param felt metric of the layer's outputs; without it every output direction counts alike
   */
  public static Factorization of(
      float[] weight,
      int outputs,
      int inputs,
      Optional<InputMetric> seen,
      Optional<OutputMetric> felt) {
    return upTo(Math.min(outputs, inputs), weight, outputs, inputs, seen, felt);
  }

  /**
   * The same without the components from one rank on, which then cost no memory; what they hold is
   * still known.
   *
   * @param rank the largest that will be asked for, from 1
   */
  public static Factorization upTo(
      int rank,
      float[] weight,
      int outputs,
      int inputs,
      Optional<InputMetric> seen,
      Optional<OutputMetric> felt) {
    int held = Math.min(rank, Math.min(outputs, inputs));
    Optional<InputMetric> metric = seen.filter(inputMetric -> inputMetric.count() > 0);
    if (felt.isEmpty() || !felt.get().tells()) {
      GramFactors factors = new GramFactors(weight, outputs, inputs, metric, held);
      return new Factorization(
          outputs, inputs, factors.singularValues(), held, factors.up(), factors.down());
    }
    try (Root root = new Root(felt.get())) {
      float[] weighed = changed(weight, outputs, inputs, root::multiplyTransposed);
      GramFactors factors = new GramFactors(weighed, outputs, inputs, metric, held);
      float[] up = changed(factors.up(), outputs, held, root::solve);
      return new Factorization(outputs, inputs, factors.singularValues(), held, up, factors.down());
    }
  }

  /**
   * A factorization that was kept.
   *
   * @param singularValues float64, min(outputs, inputs) of them, descending
   * @param up float32, row-major, outputs × rank
   * @param down float32, row-major, rank × inputs, of the same rank
   */
  public static Factorization kept(
      int outputs, int inputs, double[] singularValues, float[] up, float[] down) {
    int rank = up.length / outputs;
    if (rank < 1
        || rank > singularValues.length
        || singularValues.length != Math.min(outputs, inputs)
        || up.length != (long) rank * outputs
        || down.length != (long) rank * inputs) {
      throw new IllegalArgumentException(
          "%d × %d: %d singular values, %d values up, %d down (expected: one rank's)"
              .formatted(outputs, inputs, singularValues.length, up.length, down.length));
    }
    return new Factorization(
        outputs, inputs, singularValues.clone(), rank, up.clone(), down.clone());
  }

  /** A matrix in float32, row-major, after a change of its float64 copy. */
  private static float[] changed(float[] matrix, int rows, int columns, Consumer<INDArray> change) {
    float[] result = new float[matrix.length];
    double[] column = new double[rows];
    try (INDArray copy = Lapack.columnMajor(rows, columns)) {
      DoublePointer p = Lapack.doubles(copy);
      for (int j = 0; j < columns; j++) {
        for (int i = 0; i < rows; i++) {
          column[i] = matrix[i * columns + j];
        }
        p.position((long) j * rows).put(column);
      }
      p.position(0);
      change.accept(copy);
      for (int j = 0; j < columns; j++) {
        p.position((long) j * rows).get(column);
        for (int i = 0; i < rows; i++) {
          result[i * columns + j] = (float) column[i];
        }
      }
      p.position(0);
    }
    return result;
  }

  /** Rows of the weight. */
  public int outputs() {
    return outputs;
  }

  /** Columns of the weight. */
  public int inputs() {
    return inputs;
  }

  /** All of them, descending: float64, [{@link #fullRank()}]. */
  public double[] singularValues() {
    return singularValues.clone();
  }

  /** The largest rank for which there are factors. */
  public int largestRank() {
    return held;
  }

  /** Number of components: min(outputs, inputs). */
  public int fullRank() {
    return singularValues.length;
  }

  /**
   * Returns the share of the output's energy that rank r loses: {@code Σ_{i>r} s²ᵢ / Σ s²ᵢ}, 0..1.
   *
   * @param rank 0 to {@link #fullRank()}
   */
  public double lostEnergy(int rank) {
    double lost = 0;
    double total = 0;
    for (int i = 0; i < singularValues.length; i++) {
      double energy = singularValues[i] * singularValues[i];
      total += energy;
      lost += i < rank ? 0 : energy;
    }
    return total == 0 ? 0 : lost / total;
  }

  /** Returns the first rows of the down-projection: float32, row-major, rank × inputs. */
  public float[] down(int rank) {
    requireHeld(rank);
    float[] result = new float[rank * inputs];
    System.arraycopy(down, 0, result, 0, result.length);
    return result;
  }

  /** Returns the first columns of the up-projection: float32, row-major, outputs × rank. */
  public float[] up(int rank) {
    requireHeld(rank);
    float[] result = new float[outputs * rank];
    for (int i = 0; i < outputs; i++) {
      System.arraycopy(up, i * held, result, i * rank, rank);
    }
    return result;
  }

  private void requireHeld(int rank) {
    if (rank < 0 || rank > held) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: 0.." + held + ")");
    }
  }
}
