package dev.heirloom.control.store;

import dev.heirloom.actors.twin.TwinSerializable;

/** Writes what twins persist. */
public final class TwinSerializer extends CborSerializer<TwinSerializable> {
  private static final int IDENTIFIER = 48_101;

  /** Created by Pekko, once per system. */
  public TwinSerializer() {
    super(IDENTIFIER, "what a twin persists", TwinSerializable.NAMES, TwinForms::complete);
  }
}
