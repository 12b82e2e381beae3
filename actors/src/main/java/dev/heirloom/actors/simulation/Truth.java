package dev.heirloom.actors.simulation;

/** What no device can measure: its p95 at every rung in the window that begins. */
public interface Truth {

  /** True p95 at a rung from 1, in ns. */
  double p95Ns(int rung);

  /** The most accurate rung within the budget, the smaller of equal ones; 0 where there is none. */
  int best();

  /**
   * The most accurate rung that keeps to the budget in 99 of 100 windows like this one, the smaller
   * of equal ones; 0 where there is none.
   */
  int bestHeld();
}
