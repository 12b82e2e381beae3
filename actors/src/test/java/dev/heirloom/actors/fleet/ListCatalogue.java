package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The published families, as a test publishes them. */
public final class ListCatalogue implements FamilyCatalogue {

  private final List<PublishedFamily> families = new ArrayList<>();
  private final Map<String, PublishedFamily> current = new LinkedHashMap<>();

  /** Publishes a version that becomes the current one. */
  public synchronized void publish(PublishedFamily family) {
    families.add(family);
    makeCurrent(family);
  }

  /** Publishes a version that devices do not take by themselves. */
  public synchronized void hold(PublishedFamily family) {
    families.add(family);
  }

  /** Makes a version the current one. */
  public synchronized void makeCurrent(PublishedFamily family) {
    current.remove(family.name());
    current.put(family.name(), family);
  }

  @Override
  public synchronized Optional<PublishedFamily> current(String name) {
    return name.isEmpty()
        ? current.values().stream().reduce((older, newer) -> newer)
        : Optional.ofNullable(current.get(name));
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
