package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The published families, as a test publishes them. */
public final class ListCatalogue implements FamilyCatalogue {

  private final List<PublishedFamily> families = new ArrayList<>();

  /** Publishes a version. */
  public synchronized void publish(PublishedFamily family) {
    families.add(family);
  }

  @Override
  public synchronized Optional<PublishedFamily> latest(String name) {
    return families.stream()
        .filter(family -> name.isEmpty() || family.name().equals(name))
        .reduce((older, newer) -> newer);
  }

  @Override
  public synchronized Optional<PublishedFamily> find(Digest manifest) {
    return families.stream().filter(family -> family.manifest().equals(manifest)).findFirst();
  }

  @Override
  public synchronized List<PublishedFamily> all() {
    return List.copyOf(families);
  }
}
