package dev.heirloom.actors.twin;

import dev.heirloom.runtime.family.Digest;
import java.util.Optional;

/**
 * What a device shall serve.
 *
 * @param decision number of the decision that led here; 0 with no assignment
 * @param family name of the family; empty with no assignment
 * @param manifest version of the family in hexadecimal; empty with no assignment
 * @param manifestBytes size of the manifest; 0 with no assignment
 * @param rung from 1; 0 with no assignment
 * @param reason one sentence
 */
public record Assignment(
    long decision, String family, String manifest, long manifestBytes, int rung, String reason) {

  static final Assignment NONE = new Assignment(0, "", "", 0, 0, "");

  boolean none() {
    return rung == 0;
  }

  Optional<Digest> digest() {
    return none() ? Optional.empty() : Optional.of(Digest.parse(manifest));
  }

  Serving serving() {
    return new Serving(manifest, rung);
  }

  Assignment movedTo(long newDecision, int newRung, String newReason) {
    return new Assignment(newDecision, family, manifest, manifestBytes, newRung, newReason);
  }

  ToDevice.Assign toDevice() {
    return new ToDevice.Assign(
        decision, family, Digest.parse(manifest), manifestBytes, rung, reason);
  }
}
