package dev.heirloom.actors.rollout;

/** How far the group is whose turn it is. Names are persisted. */
public enum Stage {
  /** The version before is measured on its devices, and a maintenance window is waited for. */
  BASELINE,
  /** Its devices install the target. */
  INSTALLING,
  /** Its devices serve the target and are watched. */
  SOAKING
}
