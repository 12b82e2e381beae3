package dev.heirloom.inheritance.training;

/** The learning rate over time: a linear warm-up, then a cosine down to a hundredth. */
final class Schedule {
  private static final double WARM_SHARE = 0.08;
  private static final double LAST = 0.01;

  private final double highest;
  private final long steps;
  private final long warm;

  Schedule(double highest, long steps) {
    this.highest = highest;
    this.steps = steps;
    this.warm = Math.max(1, Math.round(WARM_SHARE * steps));
  }

  /** The rate of a step, from 0. */
  double at(long step) {
    if (step < warm) {
      return highest * (step + 1) / warm;
    }
    double done = (double) (step - warm) / Math.max(1, steps - warm);
    return highest * (LAST + (1 - LAST) * 0.5 * (1 + Math.cos(Math.PI * done)));
  }
}
