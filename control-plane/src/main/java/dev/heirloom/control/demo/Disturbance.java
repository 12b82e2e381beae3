package dev.heirloom.control.demo;

import java.util.SplittableRandom;

/**
 * What spoils a device's pictures: each device of the demo looks at the world through one of these.
 */
public sealed interface Disturbance {

  /** Changes an image of {@code side} × {@code side} brightnesses (0..1, row-major) in place. */
  void apply(float[] image, int side, SplittableRandom random);

  /** A clear view. */
  record None() implements Disturbance {
    @Override
    public void apply(float[] image, int side, SplittableRandom random) {}

    @Override
    public String toString() {
      return "clear";
    }
  }

  /**
   * A noisy sensor.
   *
   * @param deviation standard deviation of the noise added to each pixel, in brightness
   */
  record Noise(double deviation) implements Disturbance {
    @Override
    public void apply(float[] image, int side, SplittableRandom random) {
      for (int i = 0; i < image.length; i++) {
        image[i] += (float) (deviation * Draws.normal(random));
      }
    }

    @Override
    public String toString() {
      return "noise";
    }
  }

  /**
   * A lens out of focus: passes of a 3 × 3 box, which together come close to a Gaussian.
   *
   * @param passes how often the box is applied
   */
  record Blur(int passes) implements Disturbance {
    @Override
    public void apply(float[] image, int side, SplittableRandom random) {
      float[] line = new float[side];
      for (int pass = 0; pass < passes; pass++) {
        for (int i = 0; i < side; i++) {
          smooth(image, i * side, 1, line);
          smooth(image, i, side, line);
        }
      }
    }

    private static void smooth(float[] image, int start, int stride, float[] line) {
      int last = line.length - 1;
      for (int i = 0; i <= last; i++) {
        line[i] = image[start + i * stride];
      }
      for (int i = 0; i <= last; i++) {
        image[start + i * stride] =
            (line[Math.max(0, i - 1)] + line[i] + line[Math.min(last, i + 1)]) / 3;
      }
    }

    @Override
    public String toString() {
      return "blur";
    }
  }

  /**
   * Little light.
   *
   * @param factor what is left of each brightness, 0..1
   */
  record Darkness(double factor) implements Disturbance {
    @Override
    public void apply(float[] image, int side, SplittableRandom random) {
      for (int i = 0; i < image.length; i++) {
        image[i] *= (float) factor;
      }
    }

    @Override
    public String toString() {
      return "darkness";
    }
  }
}
