package dev.heirloom.actors.rollout;

import java.util.Locale;

/** How far a rollout is. Names are persisted, and are labels of metrics. */
public enum Phase {
  /** Group after group. */
  RUNNING,
  /** Every group has passed; the target is being made the current version. */
  PROMOTING,
  /** The target is the current version. */
  COMPLETED,
  /** It was given up; whoever was touched goes back. */
  RETURNING,
  /** A gate gave it up, and the way back is over. */
  HALTED,
  /** An operator gave it up, and the way back is over. */
  ABORTED;

  /** Whether nothing more will happen by itself. */
  public boolean over() {
    return this == COMPLETED || this == HALTED || this == ABORTED;
  }

  /** The name in messages and metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
