package dev.heirloom.edge.link;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next try: doubles from try to try up to a cap, ±20 % so that a fleet
 * spreads.
 */
public final class Backoff {
  private static final double JITTER = 0.2;

  private final Duration first;
  private final Duration cap;
  private final DoubleSupplier random;
  private Duration base;

  /**
   * @param random uniform in 0..1
   */
  public Backoff(Duration first, Duration cap, DoubleSupplier random) {
    if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "first, cap: " + first + ", " + cap + " (expected: 0 < first <= cap)");
    }
    this.first = first;
    this.cap = cap;
    this.random = random;
    this.base = first;
  }

  /** Another one, by the same chance. */
  Backoff slower(Duration firstWait, Duration longest) {
    return new Backoff(firstWait, longest, random);
  }

  /** The wait before the next try. */
  public Duration next() {
    Duration wait = base;
    Duration doubled = base.multipliedBy(2);
    base = doubled.compareTo(cap) > 0 ? cap : doubled;
    double factor = 1 - JITTER + 2 * JITTER * random.getAsDouble();
    return Duration.ofNanos(Math.round(wait.toNanos() * factor));
  }

  /** Starts over, after a success. */
  public void reset() {
    base = first;
  }
}
