package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Serves, in every window, the most accurate rung that keeps to the budget in 99 of 100 windows
 * like it: what could be had if all were known of a device but what chance does to its next window.
 */
record HeldOracle() implements Strategy {

  @Override
  public String name() {
    return Strategies.HELD_ORACLE;
  }

  @Override
  public String description() {
    return "the most accurate rung that keeps to the budget in 99 of 100 such windows, known"
        + " beforehand";
  }

  @Override
  public Field begin() {
    return device -> new Seer();
  }

  private record Seer() implements Clairvoyant {

    @Override
    public int foresee(Truth truth) {
      return Math.max(1, truth.bestHeld());
    }

    @Override
    public int connected() {
      return 1;
    }

    @Override
    public int decide(WindowReport window) {
      return window.rung();
    }

    @Override
    public void learn(WindowReport window) {}
  }
}
