package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/** A contender that sees the truth of a window before it begins, and is obeyed at once. */
public interface Clairvoyant extends Contender {

  /** The rung of the window that begins. */
  int foresee(Truth truth);

  @Override
  default int connected() {
    return 1;
  }

  @Override
  default int decide(WindowReport window) {
    return window.rung();
  }

  @Override
  default void learn(WindowReport window) {}
}
