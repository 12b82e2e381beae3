package dev.heirloom.actors.simulation;

/**
 * Serves, in every window, the most accurate rung that keeps to the budget in 99 of 100 windows
 * like it: what could be had if all were known of a device but what chance does to its next window.
 */
record HeldOracle() implements Strategy {

  /** Remembers nothing, so that one serves every device. */
  private static final Clairvoyant SEER = truth -> Math.max(1, truth.bestHeld());

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
    return device -> SEER;
  }
}
