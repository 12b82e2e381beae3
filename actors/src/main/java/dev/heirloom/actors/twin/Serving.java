package dev.heirloom.actors.twin;

import dev.heirloom.runtime.family.Digest;
import java.util.Optional;

/**
 * What a device serves.
 *
 * @param manifest version of the family in hexadecimal; empty where it serves nothing
 * @param rung from 1; 0 where it serves nothing
 */
public record Serving(String manifest, int rung) {

  static final Serving NOTHING = new Serving("", 0);

  static Serving of(Optional<Digest> manifest, int rung) {
    return manifest.isEmpty() || rung == 0 ? NOTHING : new Serving(manifest.get().hex(), rung);
  }

  boolean nothing() {
    return rung == 0;
  }
}
