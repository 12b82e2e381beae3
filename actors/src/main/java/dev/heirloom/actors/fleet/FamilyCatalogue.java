package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.util.List;
import java.util.Optional;

/** The published families. Implementations are thread-safe and answer from memory. */
public interface FamilyCatalogue {

  /**
   * The version of a family that was published last, whether devices take it or not.
   *
   * @param name name of the family; empty for the version published last of all
   */
  Optional<PublishedFamily> latest(String name);

  /**
   * The version of a family that devices outside a rollout take.
   *
   * @param name name of the family; empty for the version that became current last of all
   */
  Optional<PublishedFamily> current(String name);

  /** The version that {@code manifest} names. */
  Optional<PublishedFamily> find(Digest manifest);

  /** Every version, newest last. */
  List<PublishedFamily> all();
}
