package dev.heirloom.inheritance.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Means and variances per channel, pooled over batches. */
final class Moments {
  private final Map<String, Sums> sums = new LinkedHashMap<>();

  /** Sums over values of one name, per channel, in double precision. */
  private static final class Sums {
    private final double[] first;
    private final double[] second;
    private double count;

    Sums(int channels) {
      first = new double[channels];
      second = new double[channels];
    }
  }

  /** Mean and (biased) variance, per channel. */
  @SuppressWarnings("ArrayRecordComponent") // never leaves the package
  record Statistics(double[] mean, double[] variance) {}

  /**
   * Adds one batch.
   *
   * @param values floating point, any rank
   * @param channelAxis the axis that is kept
   */
  void add(String name, Tensor values, int channelAxis) {
    long channels = values.size(channelAxis);
    long[] others = otherAxes(values, channelAxis);
    T_TensorTensor_T varianceAndMean =
        torch.var_mean(
            Tensors.asFloat(values.detach()), others, new ScalarOptional(new Scalar(0.0)), false);
    float[] variance = Tensors.toFloats(varianceAndMean.get0());
    float[] mean = Tensors.toFloats(varianceAndMean.get1());
    double count = (double) values.numel() / channels;
    Sums sum = sums.computeIfAbsent(name, n -> new Sums((int) channels));
    for (int c = 0; c < mean.length; c++) {
      sum.first[c] += count * mean[c];
      sum.second[c] += count * (variance[c] + (double) mean[c] * mean[c]);
    }
    sum.count += count;
  }

  /** The axes other than one. */
  static long[] otherAxes(Tensor values, int axis) {
    long[] axes = new long[(int) values.dim()];
    Arrays.setAll(axes, i -> i);
    return Arrays.stream(axes).filter(a -> a != axis).toArray();
  }

  Iterable<String> names() {
    return sums.keySet();
  }

  Statistics of(String name) {
    Sums sum = sums.get(name);
    if (sum == null) {
      throw new IllegalStateException("no statistics of " + name);
    }
    double[] mean = new double[sum.first.length];
    double[] variance = new double[mean.length];
    for (int c = 0; c < mean.length; c++) {
      mean[c] = sum.first[c] / sum.count;
      variance[c] = Math.max(0, sum.second[c] / sum.count - mean[c] * mean[c]);
    }
    return new Statistics(mean, variance);
  }
}
