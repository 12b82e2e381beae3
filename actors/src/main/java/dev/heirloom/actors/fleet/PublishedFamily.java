package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import java.time.Instant;

/**
 * One version of a family that devices may be assigned.
 *
 * @param name name of the family, shared by its versions
 * @param manifest digest of the manifest's bytes, which names the version
 * @param manifestBytes size of the manifest in bytes
 * @param published when it was published
 * @param ladder its rungs
 */
public record PublishedFamily(
    String name, Digest manifest, long manifestBytes, Instant published, Ladder ladder) {

  public PublishedFamily {
    Require.length("name", name, 128);
    Require.within("manifestBytes", manifestBytes, 1, Long.MAX_VALUE);
  }
}
