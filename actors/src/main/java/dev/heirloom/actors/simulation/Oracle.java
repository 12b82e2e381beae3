package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/** Serves, in every window, the most accurate rung whose true p95 is within the budget. */
final class Oracle implements Strategy, Clairvoyant {

  @Override
  public String name() {
    return Strategies.ORACLE;
  }

  @Override
  public String description() {
    return "the most accurate rung whose true p95 is within the budget, known beforehand";
  }

  @Override
  public Field begin() {
    return device -> this;
  }

  @Override
  public int foresee(Truth truth) {
    return Math.max(1, truth.best());
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
