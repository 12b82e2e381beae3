package dev.heirloom.inheritance.factor;

import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A weight matrix as an ordered product of factors: its first r components are its best rank-r map.
 *
 * <p>{@code W ≈ up · down} with {@code up = U√S}, {@code down = √S Vᵀ C⁻¹} from the singular value
 * decomposition of {@code W C}; C is the identity without an {@link InputMetric}.
 */
public final class Factorization {

  private final int outputs;
  private final int inputs;
  private final double[] singularValues;
  private final float[] up;
  private final float[] down;

  private Factorization(
      int outputs, int inputs, double[] singularValues, float[] up, float[] down) {
    this.outputs = outputs;
    this.inputs = inputs;
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
    INDArray w = columnMajor(weight, outputs, inputs);
    if (metric.isEmpty()) {
      return of(Lapack.svd(w), outputs, inputs, Optional.empty());
    }
    INDArray root = metric.get().root();
    try (INDArray product = Lapack.multiply(w, root)) {
      w.close();
      return of(Lapack.svd(product), outputs, inputs, Optional.of(root));
    } finally {
      root.close();
    }
  }

  private static Factorization of(
      Lapack.Svd svd, int outputs, int inputs, Optional<INDArray> root) {
    int rank = Math.toIntExact(svd.s().length());
    double[] s = svd.s().toDoubleVector();
    INDArray rows = svd.vt();
    scaleRows(rows, s);
    root.ifPresent(c -> Lapack.solveRight(c, rows));
    float[] up = new float[outputs * rank];
    DoublePointer u = Lapack.doubles(svd.u());
    double[] column = new double[outputs];
    for (int k = 0; k < rank; k++) {
      u.position((long) k * outputs).get(column);
      for (int i = 0; i < outputs; i++) {
        up[i * rank + k] = (float) (column[i] * Math.sqrt(s[k]));
      }
    }
    float[] down = rowMajor(rows, rank, inputs);
    svd.u().close();
    svd.s().close();
    rows.close();
    return new Factorization(outputs, inputs, s, up, down);
  }

  private static void scaleRows(INDArray rows, double[] s) {
    DoublePointer p = Lapack.doubles(rows);
    double[] column = new double[s.length];
    for (long j = 0; j < rows.columns(); j++) {
      p.position(j * s.length).get(column);
      for (int k = 0; k < s.length; k++) {
        column[k] *= Math.sqrt(s[k]);
      }
      p.position(j * s.length).put(column, 0, s.length);
    }
    p.position(0);
  }

  private static INDArray columnMajor(float[] values, int rows, int columns) {
    INDArray result = Lapack.columnMajor(rows, columns);
    DoublePointer p = Lapack.doubles(result);
    double[] column = new double[rows];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        column[i] = values[i * columns + j];
      }
      p.position((long) j * rows).put(column, 0, rows);
    }
    p.position(0);
    return result;
  }

  private static float[] rowMajor(INDArray a, int rows, int columns) {
    float[] result = new float[rows * columns];
    DoublePointer p = Lapack.doubles(a);
    double[] column = new double[rows];
    for (int j = 0; j < columns; j++) {
      p.position((long) j * rows).get(column);
      for (int i = 0; i < rows; i++) {
        result[i * columns + j] = (float) column[i];
      }
    }
    return result;
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
    float[] result = new float[rank * inputs];
    System.arraycopy(down, 0, result, 0, result.length);
    return result;
  }

  /** Returns the first columns of the up-projection: float32, row-major, outputs × rank. */
  public float[] up(int rank) {
    float[] result = new float[outputs * rank];
    for (int i = 0; i < outputs; i++) {
      System.arraycopy(up, i * fullRank(), result, i * rank, rank);
    }
    return result;
  }
}
