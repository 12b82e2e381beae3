package dev.heirloom.actors.rollout;

/**
 * What a group must keep. All but the first compare a device with itself on the version before.
 *
 * @param leastSuccess least share of installations that succeed, 0..1, also of each device class
 * @param mostAccuracyLoss most accuracy in the field that may be lost, 0..1; {@link #ABSENT} asks
 *     for nothing
 * @param mostP95Ratio most that the 95th percentile of the request latency may be, over that
 *     before, 1 or more; {@link #ABSENT} asks for nothing
 * @param mostDrift most that the mean confidence may move, 0..1; {@link #ABSENT} asks for nothing
 * @param leastWindows windows of each version, over the group, before anything is judged
 * @param leastLabels labels of each version, over the group, before accuracy is judged
 */
public record Gates(
    double leastSuccess,
    double mostAccuracyLoss,
    double mostP95Ratio,
    double mostDrift,
    int leastWindows,
    int leastLabels) {

  /** Nothing is asked. */
  public static final double ABSENT = -1;

  /** What is asked where nothing else is said. */
  public static final Gates DEFAULT = new Gates(0.9, 0.02, 1.25, 0.1, 20, 400);

  public Gates {
    share("gates.least_success", leastSuccess, false);
    share("gates.most_accuracy_loss", mostAccuracyLoss, true);
    share("gates.most_drift", mostDrift, true);
    if (mostP95Ratio != ABSENT && !(mostP95Ratio >= 1 && mostP95Ratio <= 1000)) {
      throw new IllegalArgumentException(
          "gates.most_p95_ratio: " + mostP95Ratio + " (expected: 1..1000)");
    }
    if (leastWindows < 2 || leastLabels < 2) {
      throw new IllegalArgumentException(
          "gates: %d windows, %d labels (expected: at least 2)"
              .formatted(leastWindows, leastLabels));
    }
  }

  private static void share(String name, double value, boolean optional) {
    if (!(value >= 0 && value <= 1) && !(optional && value == ABSENT)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1)");
    }
  }

  /** Whether anything is compared with the version before. */
  boolean compare() {
    return asksAccuracy() || asksP95() || asksDrift();
  }

  boolean asksAccuracy() {
    return mostAccuracyLoss != ABSENT;
  }

  boolean asksP95() {
    return mostP95Ratio != ABSENT;
  }

  boolean asksDrift() {
    return mostDrift != ABSENT;
  }
}
