package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Serves one rung everywhere, whatever happens.
 *
 * @param rung from 1
 */
record FixedRung(int rung) implements Strategy, Contender {

  @Override
  public String name() {
    return "rung-" + rung;
  }

  @Override
  public String description() {
    return "rung " + rung + " on every device";
  }

  @Override
  public Field begin() {
    return device -> this;
  }

  @Override
  public int connected() {
    return rung;
  }

  @Override
  public int decide(WindowReport window) {
    return rung;
  }

  @Override
  public void learn(WindowReport window) {}
}
