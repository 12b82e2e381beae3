package dev.heirloom.inheritance.teacher;

import java.util.function.ObjIntConsumer;

/**
 * Cuts the inputs of a layer into the rows that its weight multiplies: the patches under a
 * convolution's kernel (im2col), or the vectors along a linear layer's last axis.
 */
final class InputRows {

  private static final int ROWS_AT_ONCE = 1024;

  private final DenseLayer layer;
  private final float[] rows;
  private final ObjIntConsumer<float[]> sink;
  private int filled;

  /**
   * @param sink takes float32 rows, row-major, and how many there are
   */
  InputRows(DenseLayer layer, ObjIntConsumer<float[]> sink) {
    this.layer = layer;
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
      for (int start = 0; start + inputs <= values.length; start += inputs) {
        System.arraycopy(values, start, rows, filled * inputs, inputs);
        advance();
      }
    }
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
      for (int y = 0; y < down; y++) {
        for (int x = 0; x < across; x++) {
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
