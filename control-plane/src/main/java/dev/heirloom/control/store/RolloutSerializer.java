package dev.heirloom.control.store;

import dev.heirloom.actors.rollout.RolloutSerializable;

/** Writes what rollouts persist. */
public final class RolloutSerializer extends CborSerializer<RolloutSerializable> {
  private static final int IDENTIFIER = 48_104;

  /** Created by Pekko, once per system. */
  public RolloutSerializer() {
    super(IDENTIFIER, "what a rollout persists", RolloutSerializable.NAMES, Completion.NONE);
  }
}
