package dev.heirloom.inheritance.teacher;

import dev.heirloom.inheritance.factor.InputMetric;

/**
 * What calibration learnt of one layer: the metric of its inputs and the moments of its outputs.
 */
public final class LayerStatistics {

  private final InputMetric metric;
  private final InputRows rows;
  private final double[] sums;
  private final double[] squares;
  private final boolean channelsFirst;
  private long count;
  private long positions;

  LayerStatistics(DenseLayer layer) {
    this.metric = new InputMetric(layer.inputs());
    this.rows = new InputRows(layer, metric::add);
    this.sums = new double[layer.outputs()];
    this.squares = new double[layer.outputs()];
    this.channelsFirst = layer.isConvolution();
  }

  void addInputs(float[] values, long[] dims) {
    rows.cut(values, dims);
  }

  void addOutputs(float[] values, long[] dims) {
    int channels = sums.length;
    int batch = Math.toIntExact(dims[0]);
    int inner = channelsFirst ? values.length / (batch * channels) : 1;
    for (int i = 0; i < values.length; i++) {
      int channel = channelsFirst ? i / inner % channels : i % channels;
      sums[channel] += values[i];
      squares[channel] += (double) values[i] * values[i];
    }
    count += values.length / channels;
    positions = values.length / (long) channels / batch;
  }

  void finish() {
    rows.flush();
  }

  /** Whether everything seen was a finite number that can be squared and added up in float32. */
  boolean isFinite() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return metric.isFinite() && sum < Float.MAX_VALUE;
  }

  public InputMetric metric() {
    return metric;
  }

  /** How often the layer's weight is applied per sample: pixels or tokens of its output. */
  public long positions() {
    return positions;
  }

  /** Per output channel, bias included: float32, [outputs]. */
  public float[] outputMean() {
    float[] mean = new float[sums.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sums[i] / Math.max(1, count));
    }
    return mean;
  }

  /** Standard deviation per output channel: float32, [outputs]. */
  public float[] outputDeviation() {
    float[] deviation = new float[sums.length];
    for (int i = 0; i < deviation.length; i++) {
      double mean = sums[i] / Math.max(1, count);
      deviation[i] = (float) Math.sqrt(Math.max(0, squares[i] / Math.max(1, count) - mean * mean));
    }
    return deviation;
  }
}
