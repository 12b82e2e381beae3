package dev.heirloom.bench.grpc.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What went wrong that should not have, a line each. Thread-safe. */
final class Disturbances {
  private static final int MOST_SAID = 60;

  private final Consumer<String> say;
  private final List<String> all = new ArrayList<>();

  /**
   * @param say hears of the first ones
   */
  Disturbances(Consumer<String> say) {
    this.say = say;
  }

  synchronized void add(String line) {
    all.add(line);
    if (all.size() <= MOST_SAID) {
      say.accept(line);
    }
  }

  /** Adds one where something does not hold. */
  void require(boolean holds, String otherwise) {
    if (!holds) {
      add(otherwise);
    }
  }

  synchronized int count() {
    return all.size();
  }
}
