package dev.heirloom.control.demo;

import java.util.SplittableRandom;

/** Random draws whose results are the same on every Java release. */
final class Draws {
  private Draws() {}

  /** Uniform between two bounds. */
  static double between(SplittableRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** Standard normal, after Box and Muller (1958). */
  static double normal(SplittableRandom random) {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
