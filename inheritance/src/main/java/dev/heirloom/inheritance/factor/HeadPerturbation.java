package dev.heirloom.inheritance.factor;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Copies of one up-projection that differ by noise which adds up to zero.
 *
 * <p>With a gate of zeros every head weighs the same, so the layer is unchanged at step 0, yet the
 * gate has a gradient.
 */
public final class HeadPerturbation {

  private static final double SHARE_OF_DEVIATION = 0.0075;

  private HeadPerturbation() {}

  /**
   * Returns one up-projection per head; their mean is {@code up}.
   *
   * @param up float32, any layout
   * @param heads from 1
   */
  public static List<float[]> spread(float[] up, int heads, long seed) {
    List<float[]> result = Stream.generate(up::clone).limit(heads).toList();
    if (heads == 1) {
      return result;
    }
    double scale = SHARE_OF_DEVIATION * deviation(up);
    SplittableRandom random = new SplittableRandom(seed);
    double[] noise = new double[heads];
    for (int i = 0; i < up.length; i++) {
      double mean = 0;
      for (int head = 0; head < heads; head++) {
        noise[head] = random.nextGaussian() * scale;
        mean += noise[head] / heads;
      }
      for (int head = 0; head < heads; head++) {
        result.get(head)[i] += (float) (noise[head] - mean);
      }
    }
    return result;
  }

  private static double deviation(float[] values) {
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
  }
}
