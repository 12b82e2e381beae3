package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * What chooses one device's rung, and hears of it what a control plane would: that it connected,
 * and its windows. It begins with the first call of {@link #connected}.
 */
public interface Contender {

  /** The desired rung when the device connects, for the first time or again. */
  int connected();

  /** The desired rung after a window that has just ended. */
  int decide(WindowReport window);

  /** Hears of a window that ended while the device could be told nothing. */
  void learn(WindowReport window);
}
