package dev.heirloom.actors.rollout;

/**
 * How long everything may take.
 *
 * @param longestBaselineMs to measure the version before on a group
 * @param attemptMs for a device to install; whatever it did, the attempt ends then
 * @param leastSoakMs that a group serves the new version before it may pass
 * @param longestSoakMs after which a gate that is still in doubt halts the rollout
 * @param attempts failed installations after which a device is given up, 1..3
 */
public record Pace(
    long longestBaselineMs, long attemptMs, long leastSoakMs, long longestSoakMs, int attempts) {

  private static final long HOUR_MS = 3_600_000;

  /** What holds where nothing else is said: a day at most to measure, and to soak. */
  public static final Pace DEFAULT = new Pace(24 * HOUR_MS, 4 * HOUR_MS, HOUR_MS, 48 * HOUR_MS, 2);

  public Pace {
    positive("pace.longest_baseline_ms", longestBaselineMs);
    positive("pace.attempt_ms", attemptMs);
    positive("pace.longest_soak_ms", longestSoakMs);
    if (leastSoakMs < 0 || leastSoakMs > longestSoakMs) {
      throw new IllegalArgumentException(
          "pace.least_soak_ms: " + leastSoakMs + " (expected: 0..longest_soak_ms)");
    }
    if (attempts < 1 || attempts > 3) {
      throw new IllegalArgumentException("pace.attempts: " + attempts + " (expected: 1..3)");
    }
  }

  private static void positive(String name, long ms) {
    if (ms < 1 || ms > 1000L * 24 * HOUR_MS) {
      throw new IllegalArgumentException(name + ": " + ms + " (expected: 1 ms .. 1000 days)");
    }
  }
}
