package dev.heirloom.inheritance.teacher;

import dev.heirloom.inheritance.factor.InputMetric;
import java.util.Optional;

/**
 * What calibration learnt of one layer: the metric of its inputs and the moments of its outputs.
 */
public final class LayerStatistics {

  /**
   * Input rows that the metric is made from, per input and at least. Neighbouring positions see
   * nearly the same; all of them, which may be thirty times as many, give no better factors.
   */
  private static final int ROWS_PER_INPUT = 32;

  private static final int LEAST_ROWS = 8192;

  private final Optional<InputMetric> metric;
  private final Optional<InputRows> rows;
  private final double[] sums;
  private final double[] squares;
  private final boolean channelsFirst;
  private long count;
  private long positions;
  private double[] inputMean = {};
  private float[] outputMean = {};
  private float[] outputDeviation = {};

  /**
   * @param samples that will be seen
   */
  LayerStatistics(DenseLayer layer, int samples) {
    long enough = Math.max(LEAST_ROWS, (long) ROWS_PER_INPUT * layer.inputs());
    int perSample = Math.toIntExact((enough + samples - 1) / samples);
    InputMetric gathered = new InputMetric(layer.inputs());
    this.metric = Optional.of(gathered);
    this.rows = Optional.of(new InputRows(layer, perSample, gathered::add));
    this.sums = new double[layer.outputs()];
    this.squares = new double[layer.outputs()];
    this.channelsFirst = layer.isConvolution();
  }

  private LayerStatistics(
      double[] inputMean, float[] outputMean, float[] outputDeviation, long positions) {
    this.metric = Optional.empty();
    this.rows = Optional.empty();
    this.sums = new double[0];
    this.squares = new double[0];
    this.channelsFirst = false;
    this.positions = positions;
    this.inputMean = inputMean.clone();
    this.outputMean = outputMean.clone();
    this.outputDeviation = outputDeviation.clone();
  }

  /**
   * Statistics that were kept: all but the metric, which nothing needs once there are factors.
   *
   * @param inputMean [inputs]
   * @param outputMean [outputs]
   * @param outputDeviation [outputs]
   * @param positions how often the layer's weight is applied per sample
   */
  public static LayerStatistics kept(
      double[] inputMean, float[] outputMean, float[] outputDeviation, long positions) {
    return new LayerStatistics(inputMean, outputMean, outputDeviation, positions);
  }

  void addInputs(float[] values, long[] dims) {
    rows.orElseThrow().cut(values, dims);
  }

  void addOutputs(float[] values, long[] dims) {
    int channels = sums.length;
    int batch = Math.toIntExact(dims[0]);
    int inner = channelsFirst ? values.length / (batch * channels) : 1;
    for (int at = 0, channel = 0; at < values.length; channel = (channel + 1) % channels) {
      double sum = 0;
      double square = 0;
      for (int end = at + inner; at < end; at++) {
        sum += values[at];
        square += (double) values[at] * values[at];
      }
      sums[channel] += sum;
      squares[channel] += square;
    }
    count += values.length / channels;
    positions = values.length / (long) channels / batch;
  }

  void finish() {
    rows.orElseThrow().flush();
    inputMean = metric().mean();
    outputMean = new float[sums.length];
    outputDeviation = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      double mean = sums[i] / Math.max(1, count);
      outputMean[i] = (float) mean;
      outputDeviation[i] =
          (float) Math.sqrt(Math.max(0, squares[i] / Math.max(1, count) - mean * mean));
    }
  }

  /** Whether everything seen was a finite number that can be squared and added up in float32. */
  boolean isFinite() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return metric().isFinite() && sum < Float.MAX_VALUE;
  }

  /** The metric of the inputs; statistics that were kept have none. */
  public InputMetric metric() {
    return metric.orElseThrow(() -> new IllegalStateException("the metric was not kept"));
  }

  /** Mean input row: float64, [inputs]. */
  public double[] inputMean() {
    return inputMean.clone();
  }

  /** How often the layer's weight is applied per sample: pixels or tokens of its output. */
  public long positions() {
    return positions;
  }

  /** Per output channel, bias included: float32, [outputs]. */
  public float[] outputMean() {
    return outputMean.clone();
  }

  /** Standard deviation per output channel: float32, [outputs]. */
  public float[] outputDeviation() {
    return outputDeviation.clone();
  }
}
