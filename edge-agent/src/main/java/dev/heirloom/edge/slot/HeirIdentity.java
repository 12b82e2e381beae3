package dev.heirloom.edge.slot;

import dev.heirloom.runtime.family.Digest;

/**
 * Which heir this is, among all of all families.
 *
 * @param family name of the family
 * @param manifest names the family's version
 * @param rung from 1
 */
public record HeirIdentity(String family, Digest manifest, int rung) {
  public HeirIdentity {
    if (rung < 1) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: 1 or more)");
    }
  }

  /** The version as clients of the Open Inference Protocol see it. */
  public String version() {
    return manifest.brief() + "-" + rung;
  }

  @Override
  public String toString() {
    return "rung " + rung + " of " + family;
  }
}
