package dev.heirloom.inheritance.teacher;

import java.util.function.ObjIntConsumer;

/**
 * Cuts the inputs of a layer into the rows that its weight multiplies: the patches under a
 * convolution's kernel (im2col), or the vectors along a linear layer's last axis.
 *
 * <p>Of each sample so many positions are taken, evenly spaced. Where they begin moves from sample
 * to sample by the golden ratio of their distance, so that all samples together cover every
 * position alike; which rows are taken depends neither on batches nor on chance.
 */
final class InputRows {

  private static final int ROWS_AT_ONCE = 1024;
  private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

  private final DenseLayer layer;
  private final int perSample;
  private final float[] rows;
  private final ObjIntConsumer<float[]> sink;
  private int filled;
  private long samples;

  /**
   * @param perSample rows at most that are taken of each sample, from 1
   * @param sink takes float32 rows, row-major, and how many there are
   */
  InputRows(DenseLayer layer, int perSample, ObjIntConsumer<float[]> sink) {
    this.layer = layer;
    this.perSample = perSample;
    this.rows = new float[Math.multiplyExact(ROWS_AT_ONCE, layer.inputs())];
    this.sink = sink;
  }

  /**
   * Cuts up one batch.
   *
   * @param values float32, row-major
   * @param dims batch first
   */
  void cut(float[] values, long[] dims) {
    if (layer.isConvolution()) {
      convolution(values, dims);
    } else {
      int inputs = layer.inputs();
      int batch = dims.length > 1 ? Math.max(1, Math.toIntExact(dims[0])) : 1;
      int positions = values.length / inputs / batch;
      for (int sample = 0; sample < batch; sample++) {
        for (int position : picked(positions)) {
          int start = (sample * positions + position) * inputs;
          System.arraycopy(values, start, rows, filled * inputs, inputs);
          advance();
        }
      }
    }
  }

  /** The positions that are taken of the next sample, ascending. */
  private int[] picked(int positions) {
    int picks = Math.min(perSample, positions);
    double begin = samples++ * GOLDEN_RATIO % 1;
    int[] picked = new int[picks];
    for (int i = 0; i < picks; i++) {
      picked[i] = (int) ((i + begin) * positions / picks);
    }
    return picked;
  }

  /** Passes on what is left. */
  void flush() {
    if (filled > 0) {
      sink.accept(rows, filled);
      filled = 0;
    }
  }

  private void advance() {
    if (++filled == ROWS_AT_ONCE) {
      flush();
    }
  }

  private void convolution(float[] values, long[] dims) {
    boolean flat = dims.length == 3;
    int batch = Math.toIntExact(dims[0]);
    int channels = Math.toIntExact(dims[1]);
    int height = flat ? 1 : Math.toIntExact(dims[2]);
    int width = Math.toIntExact(dims[flat ? 2 : 3]);
    Axis vertical = flat ? new Axis(1, 1, 0, 0, 1) : axis(0, 2);
    Axis horizontal = flat ? axis(0, 1) : axis(1, 2);
    int down = vertical.positions(height);
    int across = horizontal.positions(width);
    for (int sample = 0; sample < batch; sample++) {
      for (int position : picked(down * across)) {
        int y = position / across;
        int x = position % across;
        int at = filled * layer.inputs();
        for (int channel = 0; channel < channels; channel++) {
          int plane = (sample * channels + channel) * height * width;
          for (int i = 0; i < vertical.kernel; i++) {
            int row = y * vertical.stride - vertical.begin + i * vertical.dilation;
            for (int j = 0; j < horizontal.kernel; j++) {
              int column = x * horizontal.stride - horizontal.begin + j * horizontal.dilation;
              boolean inside = row >= 0 && row < height && column >= 0 && column < width;
              rows[at++] = inside ? values[plane + row * width + column] : 0;
            }
          }
        }
        advance();
      }
    }
  }

  private Axis axis(int i, int axes) {
    DenseLayer.Window window = layer.window();
    return new Axis(
        layer.kernel().get(i),
        window.strides().get(i),
        window.pads().get(i),
        window.pads().get(i + axes),
        window.dilations().get(i));
  }

  private record Axis(int kernel, int stride, int begin, int end, int dilation) {
    int positions(int size) {
      return (size + begin + end - dilation * (kernel - 1) - 1) / stride + 1;
    }
  }
}
