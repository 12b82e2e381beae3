package dev.heirloom.edge.serving;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that keeps the newest so many of its entries. */
final class NewestEntries<V> extends LinkedHashMap<String, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  NewestEntries(int most) {
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
    return size() > most;
  }
}
