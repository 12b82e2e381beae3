package dev.heirloom.actors.adaptation;

/**
 * How fast a device is against its ladder: an estimate of the natural logarithm of request p95 over
 * the ladder's latency, which may wander from window to window.
 *
 * @param logRatio the estimate
 * @param variance of the estimate
 * @param noise variance of one window about what was expected of it
 * @param surprise signed sum of the newest windows' standardised deviations, each counting half of
 *     the next; large where what is measured has moved away from the estimate
 * @param windows windows counted; 0 where nothing was measured; saturates
 */
public record Speed(double logRatio, double variance, double noise, double surprise, int windows) {

  /** Variance of one window before any was seen: 4 %. */
  private static final double FIRST_NOISE = 0.04 * 0.04;

  private static final double LEAST_NOISE = 0.01 * 0.01;
  private static final double MOST_NOISE = 0.25 * 0.25;
  private static final double NOISE_GAIN = 0.03;

  /** Variance by which a device may wander from one window to the next: 0.4 %. */
  private static final double WANDER = 0.004 * 0.004;

  /** Variance of a device of which nothing is known. */
  private static final double WIDE = 100;

  private static final double MOST_SURPRISE = 2.5;
  private static final double SHIFT = 3.5;
  private static final int MOST_WINDOWS = 1_000_000;

  /** Nothing was measured. */
  public static final Speed UNKNOWN = new Speed(0, WIDE, FIRST_NOISE, 0, 0);

  /** Whether the device has measured anything. */
  public boolean measured() {
    return windows > 0;
  }

  /** What a class says of a device that has measured nothing. */
  static Speed expected(ClassPrior prior) {
    return new Speed(prior.logRatio(), prior.spread() * prior.spread(), FIRST_NOISE, 0, 0);
  }

  /**
   * Standardised deviations of the newest windows with one more, and whether they say that the
   * device is no longer what it was.
   */
  double surprise(double standardised) {
    return surprise / 2 + Math.max(-MOST_SURPRISE, Math.min(MOST_SURPRISE, standardised));
  }

  static boolean shifted(double surprise) {
    return Math.abs(surprise) > SHIFT;
  }

  /** The variance before a window, which the device may have wandered since the last one. */
  double wandered() {
    return variance + WANDER;
  }

  Speed learnt(double newLogRatio, double newVariance, double newSurprise) {
    return new Speed(
        newLogRatio, newVariance, noise, newSurprise, Math.min(windows + 1, MOST_WINDOWS));
  }

  /** Learns how much windows differ from what is expected of them. */
  Speed noisy(double squaredDeviation) {
    double bounded = Math.min(squaredDeviation, 9 * noise);
    double gain = Math.max(NOISE_GAIN, 1.0 / (windows + 10));
    double next = noise + gain * (bounded - noise);
    return new Speed(
        logRatio, variance, Math.max(LEAST_NOISE, Math.min(MOST_NOISE, next)), surprise, windows);
  }
}
