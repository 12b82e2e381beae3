package dev.heirloom.bench;

import dev.heirloom.inheritance.factor.InputMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The weights of ResNet-50's 53 convolutions and its classifier, as matrices of random values. */
final class FactoredShapes {
  private static final int ROWS = 1024;
  private static final int ROWS_AT_ONCE = 256;

  private FactoredShapes() {}

  /**
   * One weight.
   *
   * @param inputs channels × kernel positions
   */
  record Shape(int outputs, int inputs) {
    /** Float32, row-major. */
    float[] weight(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] values = new float[outputs * inputs];
      double deviation = Math.sqrt(2.0 / inputs);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
      return values;
    }

    /** The metric of inputs whose directions carry different shares of the energy. */
    InputMetric metric(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      InputMetric metric = new InputMetric(inputs);
      float[] rows = new float[ROWS_AT_ONCE * inputs];
      for (int done = 0; done < ROWS; done += ROWS_AT_ONCE) {
        for (int i = 0; i < rows.length; i++) {
          rows[i] = (float) ((random.nextDouble() - 0.4) / (1 + i % inputs % 37));
        }
        metric.add(rows, ROWS_AT_ONCE);
      }
      return metric;
    }

    /** Bytes of the rows that a metric is given at once. */
    long batchBytes() {
      return (long) ROWS_AT_ONCE * inputs * Float.BYTES;
    }

    long bytes() {
      return (long) outputs * inputs * Float.BYTES;
    }
  }

  /** In the network's order. */
  static List<Shape> resNet50() {
    List<Shape> shapes = new ArrayList<>();
    shapes.add(new Shape(64, 3 * 49));
    int channels = 64;
    int[] blocks = {3, 4, 6, 3};
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        shapes.add(new Shape(width, channels));
        shapes.add(new Shape(width, width * 9));
        shapes.add(new Shape(4 * width, width));
        if (block == 0) {
          shapes.add(new Shape(4 * width, channels));
        }
        channels = 4 * width;
      }
    }
    shapes.add(new Shape(1000, channels));
    return shapes;
  }
}
