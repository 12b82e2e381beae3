package dev.heirloom.inheritance.factor;

import java.util.SplittableRandom;

/**
 * Factors that inherit nothing: normally distributed, their product as large as a weight in the
 * Frobenius norm. With deviation σ of every element, {@code E‖U V‖² = m·n·r·σ⁴}.
 */
public final class RandomFactors {

  private final float[] up;
  private final float[] down;

  private RandomFactors(float[] up, float[] down) {
    this.up = up;
    this.down = down;
  }

  /**
   * Draws factors.
   *
   * @param weight float32, row-major, outputs × inputs
   */
  public static RandomFactors like(float[] weight, int outputs, int inputs, int rank, long seed) {
    double energy = 0;
    for (float value : weight) {
      energy += (double) value * value;
    }
    double deviation = Math.pow(energy / ((double) outputs * inputs * rank), 0.25);
    SplittableRandom random = new SplittableRandom(seed);
    float[] up = new float[outputs * rank];
    float[] down = new float[rank * inputs];
    fill(up, deviation, random);
    fill(down, deviation, random);
    return new RandomFactors(up, down);
  }

  private static void fill(float[] values, double deviation, SplittableRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
  }

  /** A copy: float32, row-major, outputs × rank. */
  public float[] up() {
    return up.clone();
  }

  /** A copy: float32, row-major, rank × inputs. */
  public float[] down() {
    return down.clone();
  }
}
