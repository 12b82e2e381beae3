package dev.heirloom.inheritance.factor;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The covariance of a layer's inputs over calibration data, under which its weights are factored.
 *
 * <p>With covariance {@code M = C Cᵀ} the rank-r map of least expected output error comes from the
 * decomposition of {@code W C} (data-weighted SVD). The covariance, not the second moment, because
 * every rung's patch fits the bias again. Up to {@value #LARGEST_FULL} inputs M is kept whole;
 * beyond that only its diagonal is.
 */
public final class InputMetric implements AutoCloseable {

  private static final int LARGEST_FULL = 2304;
  private static final double SHRINKAGE = 0.01;

  private final int inputs;
  private final INDArray moment;
  private final double[] sums;
  private final double[] squares;
  private long count;

  /**
   * @param inputs length of one input row
   */
  public InputMetric(int inputs) {
    this.inputs = inputs;
    this.sums = new double[inputs];
    this.squares = new double[inputs];
    this.moment =
        isFull()
            ? Nd4j.createUninitialized(DataType.FLOAT, new long[] {inputs, inputs}, 'f').assign(0)
            : Nd4j.empty(DataType.FLOAT);
  }

  /** Whether the covariance is kept whole, not its diagonal alone. */
  boolean isFull() {
    return inputs <= LARGEST_FULL;
  }

  /** Number of rows seen. */
  public long count() {
    return count;
  }

  /** Whether every row that was seen held finite numbers whose squares float32 can add up. */
  public boolean isFinite() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return sum < Float.MAX_VALUE;
  }

  /** Mean input row: float64, [inputs]; zeros before any row was seen. */
  public double[] mean() {
    return Arrays.stream(sums).map(sum -> sum / Math.max(1, count)).toArray();
  }

  /**
   * Adds rows.
   *
   * @param rows float32, row-major, at least {@code number × inputs}
   */
  public void add(float[] rows, int number) {
    for (int row = 0; row < number; row++) {
      int start = row * inputs;
      for (int i = 0; i < inputs; i++) {
        float x = rows[start + i];
        sums[i] += x;
        squares[i] += (double) x * x;
      }
    }
    if (isFull()) {
      Lapack.addOuterProducts(moment, rows, number);
    }
    count += number;
  }

  /** Gives the covariance's memory back; the mean stays. Closing twice changes nothing. */
  @Override
  public void close() {
    if (!moment.wasClosed() && !moment.isEmpty()) {
      moment.close();
    }
  }

  /**
   * Returns a lower-triangular {@code C} with {@code C Cᵀ} = {@link #covariance()}, shrunk further
   * where that is not positive definite in float64.
   */
  INDArray root() {
    double[] mean = mean();
    double level = level(mean);
    return Root.shrunk(SHRINKAGE, share -> covariance(mean, share * level));
  }

  /**
   * The covariance, shrunk a little towards a multiple of the identity: its lower triangle. Only
   * where it is kept whole.
   */
  INDArray covariance() {
    double[] mean = mean();
    return covariance(mean, SHRINKAGE * level(mean));
  }

  /** Standard deviation of each input, shrunk alike: the root of the covariance's diagonal. */
  double[] deviations() {
    double[] mean = mean();
    double added = SHRINKAGE * level(mean);
    double[] deviations = new double[inputs];
    for (int i = 0; i < inputs; i++) {
      deviations[i] = Math.sqrt(Math.max(0, squares[i] / count - mean[i] * mean[i]) + added);
    }
    return deviations;
  }

  /** Mean variance, above zero. */
  private double level(double[] mean) {
    double trace = 0;
    for (int i = 0; i < inputs; i++) {
      trace += squares[i] / count - mean[i] * mean[i];
    }
    return Math.max(trace / inputs, 1e-12);
  }

  private INDArray covariance(double[] mean, double added) {
    INDArray result = Lapack.columnMajor(inputs, inputs);
    DoublePointer to = Lapack.doubles(result);
    FloatPointer from = (FloatPointer) moment.data().addressPointer();
    double[] column = new double[inputs];
    float[] moments = new float[inputs];
    for (int j = 0; j < inputs; j++) {
      Arrays.fill(column, 0);
      from.position((long) j * inputs).get(moments);
      for (int i = j; i < inputs; i++) {
        column[i] = moments[i] / (double) count - mean[i] * mean[j];
      }
      column[j] = squares[j] / count - mean[j] * mean[j] + added;
      to.position((long) j * inputs).put(column, 0, inputs);
    }
    to.position(0);
    from.position(0);
    return result;
  }
}
