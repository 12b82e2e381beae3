package dev.heirloom.actors.adaptation;

/**
 * What a device taught about one rung.
 *
 * @param rung from 1
 * @param bias what this rung's log ratio has beyond the device's
 * @param windows windows counted at this rung; saturates
 * @param brokenBudgetNs largest latency budget that it broke, in ns; 0 where none stands
 * @param breaks how often it broke its budget in the last {@value #MEMORY_WINDOWS} windows or so
 * @param age windows counted since it last broke a budget; saturates
 */
public record RungMemory(
    int rung, double bias, int windows, long brokenBudgetNs, int breaks, int age) {

  /** Standard deviation of what a rung has beyond its device, before it was measured: 4 %. */
  static final double SHAPE = 0.04;

  /** Windows after which a rung that did not break its budget again is as any other. */
  static final int MEMORY_WINDOWS = 300;

  /** Windows at a rung that tell its bias from a change of the device. */
  static final int TEACHING_WINDOWS = 3;

  /** Windows after a budget was broken in which the device may become as fast as before. */
  private static final int LOAD_WINDOWS = 40;

  private static final int FIRST_WAIT_WINDOWS = 3;
  private static final int MOST_BREAKS = 7;
  private static final int MOST_WINDOWS = 1_000_000;

  static RungMemory blank(int rung) {
    return new RungMemory(rung, 0, 0, 0, 0, 0);
  }

  /** Whether windows at the rung still tell what it has beyond the device. */
  boolean teaching() {
    return windows < TEACHING_WINDOWS;
  }

  /** Variance of the bias, where one window has the variance {@code noise}. */
  double variance(double noise) {
    return 1 / (1 / (SHAPE * SHAPE) + windows / noise);
  }

  boolean broke(long budgetNs) {
    return budgetNs > 0 && budgetNs <= brokenBudgetNs;
  }

  /** Whether the rung broke this budget so short a time ago that it is not tried again yet. */
  boolean waiting(long budgetNs) {
    return broke(budgetNs) && age < FIRST_WAIT_WINDOWS << (breaks - 1);
  }

  /** Whether it broke a budget lately that it had long kept, so that the device had slowed down. */
  boolean slowedLately() {
    return breaks > 0 && !teaching() && age <= LOAD_WINDOWS;
  }

  RungMemory measured(double newBias) {
    return new RungMemory(
        rung, newBias, Math.min(windows + 1, MOST_WINDOWS), brokenBudgetNs, breaks, age);
  }

  RungMemory withBias(double newBias) {
    return new RungMemory(rung, newBias, windows, brokenBudgetNs, breaks, age);
  }

  RungMemory broken(long budgetNs) {
    return new RungMemory(
        rung,
        bias,
        windows,
        Math.max(budgetNs, brokenBudgetNs),
        Math.min(breaks + 1, MOST_BREAKS),
        0);
  }

  RungMemory forgiven() {
    return new RungMemory(rung, bias, windows, 0, 0, 0);
  }

  /** One window later. */
  RungMemory aged() {
    if (breaks == 0) {
      return this;
    }
    return age + 1 >= MEMORY_WINDOWS
        ? forgiven()
        : new RungMemory(rung, bias, windows, brokenBudgetNs, breaks, age + 1);
  }
}
