package dev.heirloom.actors.simulation;

/** Whether a device serves, and whether the control plane hears of it. */
final class Presence {

  private final Conditions.Churn churn;
  private final double restartShare;
  private final double lossShare;
  private final double windowMinutes;
  private int restarting;
  private int lost;

  Presence(Conditions.Churn churn, double windowMinutes) {
    this.churn = churn;
    this.windowMinutes = windowMinutes;
    this.restartShare = -Math.expm1(-churn.restartsPerDay() * windowMinutes / (24 * 60));
    this.lossShare = -Math.expm1(-churn.lossesPerDay() * windowMinutes / (24 * 60));
  }

  /** Goes on to the next window. */
  void next(Draws draws) {
    if (restarting > 0) {
      restarting--;
    } else if (lost > 0) {
      lost--;
    } else if (draws.chance(restartShare)) {
      restarting = windows(draws, churn.restartMinutes());
    } else if (draws.chance(lossShare)) {
      lost = windows(draws, churn.lossMinutes());
    }
  }

  private int windows(Draws draws, double meanMinutes) {
    return (int) Math.max(1, Math.rint(draws.exponential(meanMinutes) / windowMinutes));
  }

  /** Whether the device serves in this window. */
  boolean serving() {
    return restarting == 0;
  }

  /** Whether it also reports. */
  boolean linked() {
    return restarting == 0 && lost == 0;
  }
}
