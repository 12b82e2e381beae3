package dev.heirloom.actors.simulation;

import java.util.SplittableRandom;

/** Random numbers of one stream: the same for the same seed and stream, whatever else is drawn. */
final class Draws {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final double NORMAL_FROM = 30;

  private final SplittableRandom random;

  private Draws(SplittableRandom random) {
    this.random = random;
  }

  /**
   * One of many streams of a seed.
   *
   * @param kind what is drawn for
   * @param index which of that kind
   */
  static Draws of(long seed, int kind, int index) {
    long mixed = mix(seed + GOLDEN * (1 + (((long) kind << 32) | (index & 0xFFFFFFFFL))));
    return new Draws(new SplittableRandom(mixed));
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Uniform in [0, 1). */
  double uniform() {
    return random.nextDouble();
  }

  /** Uniform in [least, most). */
  double uniform(double least, double most) {
    return least + (most - least) * random.nextDouble();
  }

  /** Standard normal. */
  double normal() {
    return random.nextGaussian();
  }

  /** Exponential with a mean above 0. */
  double exponential(double mean) {
    return -mean * Math.log1p(-random.nextDouble());
  }

  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  /** Poisson; for large means the nearest whole number to a normal value of the same moments. */
  int poisson(double mean) {
    if (mean >= NORMAL_FROM) {
      return (int) Math.max(0, Math.rint(mean + Math.sqrt(mean) * normal()));
    }
    double least = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > least) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
