package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Flag;
import java.time.Instant;

/**
 * A {@link Flag} as it is persisted.
 *
 * @param kind label of its kind; one that is not known here is kept, and told as {@code drifted}
 */
public record FlagEntry(long atMs, String kind, String reason) {

  boolean is(Flag.Kind other) {
    return kind.equals(other.label());
  }

  Flag toFlag() {
    Flag.Kind known = is(Flag.Kind.UNDER_FLOOR) ? Flag.Kind.UNDER_FLOOR : Flag.Kind.DRIFTED;
    return new Flag(known, reason, Instant.ofEpochMilli(atMs));
  }
}
