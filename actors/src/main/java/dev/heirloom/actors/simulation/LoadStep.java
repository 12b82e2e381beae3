package dev.heirloom.actors.simulation;

/** Load that comes at once, stays for a while and goes at once; one at a time. */
final class LoadStep {

  private static final int LONG_AGO = Integer.MAX_VALUE / 2;

  private final Conditions.Steps steps;
  private final double arrivalShare;
  private final double windowMinutes;
  private int left;
  private double log;
  private boolean began;
  private int since = LONG_AGO;

  LoadStep(Conditions.Steps steps, double windowMinutes) {
    this.steps = steps;
    this.windowMinutes = windowMinutes;
    this.arrivalShare = -Math.expm1(-steps.perDay() * windowMinutes / (24 * 60));
  }

  /** Goes on to the next window. */
  void next(Draws draws) {
    began = false;
    since++;
    if (left > 0) {
      left--;
      if (left == 0) {
        log = 0;
        since = 0;
      }
    } else if (draws.chance(arrivalShare)) {
      double minutes = steps.leastMinutes() + draws.exponential(steps.meanMinutes());
      left = (int) Math.max(1, Math.rint(minutes / windowMinutes));
      log = draws.uniform(Math.log(steps.leastHeight()), Math.log(steps.mostHeight()));
      began = true;
      since = 0;
    }
  }

  /** Log load of this window. */
  double log() {
    return log;
  }

  /** Whether it came with this window. */
  boolean began() {
    return began;
  }

  /** Windows since one came or went; 0 in the window that it did. */
  int since() {
    return since;
  }
}
