package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.util.List;
import java.util.Optional;

/** The published families. Implementations are thread-safe and answer from memory. */
public interface FamilyCatalogue {

  /**
   * The newest version of a family.
   *
   * @param name name of the family; empty for the version published last of all
   */
  Optional<PublishedFamily> latest(String name);

  /** The version that {@code manifest} names. */
  Optional<PublishedFamily> find(Digest manifest);

  /** Every version, newest last. */
  List<PublishedFamily> all();
}
