package dev.heirloom.actors.twin;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How often rungs could not be installed; the newest few are remembered.
 *
 * @param entries oldest first
 */
public record InstallFailures(List<Entry> entries) {

  /**
   * One rung that could not be installed.
   *
   * @param manifest version of the family in hexadecimal
   * @param rung from 1
   * @param count attempts that failed
   */
  public record Entry(String manifest, int rung, int count) {}

  /** Attempts that a rung, or a version beside a served one, is given. */
  static final int MOST_ATTEMPTS = 3;

  static final InstallFailures NONE = new InstallFailures(List.of());

  private static final int MOST_ENTRIES = 32;

  public InstallFailures {
    entries = List.copyOf(entries);
  }

  InstallFailures with(Serving failed) {
    List<Entry> all = new ArrayList<>(entries);
    all.removeIf(e -> e.manifest().equals(failed.manifest()) && e.rung() == failed.rung());
    all.add(new Entry(failed.manifest(), failed.rung(), count(failed) + 1));
    int surplus = Math.max(0, all.size() - MOST_ENTRIES);
    return new InstallFailures(all.subList(surplus, all.size()));
  }

  InstallFailures without(String manifest) {
    return new InstallFailures(
        entries.stream().filter(e -> !e.manifest().equals(manifest)).toList());
  }

  int count(Serving rung) {
    return entries.stream()
        .filter(e -> e.manifest().equals(rung.manifest()) && e.rung() == rung.rung())
        .mapToInt(Entry::count)
        .sum();
  }

  int count(String manifest) {
    return entries.stream().filter(e -> e.manifest().equals(manifest)).mapToInt(Entry::count).sum();
  }

  int total() {
    return entries.stream().mapToInt(Entry::count).sum();
  }

  Set<Integer> blocked(String manifest) {
    return entries.stream()
        .filter(e -> e.manifest().equals(manifest) && e.count() >= MOST_ATTEMPTS)
        .map(Entry::rung)
        .collect(Collectors.toUnmodifiableSet());
  }
}
