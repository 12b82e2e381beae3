package dev.heirloom.actors.fleet;

import java.time.Instant;

/**
 * A second live agent that came under a device's name, and was refused: the device's state
 * directory was copied, or its name taken.
 *
 * @param at the last time, by the control plane's clock
 * @param times how often, from 1
 */
public record CopyRefusal(Instant at, int times) {
  public CopyRefusal {
    if (times < 1) {
      throw new IllegalArgumentException("times: " + times + " (expected: 1 or more)");
    }
  }
}
