package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last hundred decisions about a device.
 *
 * @param last number of the newest decision; 0 before the first
 * @param entries oldest first
 */
public record DecisionLog(long last, List<DecisionEntry> entries) {

  static final DecisionLog EMPTY = new DecisionLog(0, List.of());

  private static final int MOST_ENTRIES = 100;

  public DecisionLog {
    entries = List.copyOf(entries);
  }

  DecisionLog with(DecisionEntry entry) {
    List<DecisionEntry> all = new ArrayList<>(entries);
    all.add(entry);
    int surplus = Math.max(0, all.size() - MOST_ENTRIES);
    return new DecisionLog(entry.number(), all.subList(surplus, all.size()));
  }

  DecisionLog answered(OutcomeEntry outcome) {
    return new DecisionLog(
        last,
        entries.stream()
            .map(entry -> entry.number() == outcome.decision() ? entry.answered(outcome) : entry)
            .toList());
  }

  Optional<DecisionEntry> find(long number) {
    return entries.stream().filter(entry -> entry.number() == number).findFirst();
  }

  /** How many of the family's newest decisions failed, one after the other. */
  int failedInARow(String family) {
    int failed = 0;
    for (int i = entries.size() - 1; i >= 0; i--) {
      DecisionEntry entry = entries.get(i);
      if (!entry.family().equals(family) || entry.outcomes().isEmpty()) {
        continue;
      }
      if (entry.outcomes().get(0).installed()) {
        break;
      }
      failed++;
    }
    return failed;
  }

  /** The newest answer of the device about the family. */
  Optional<OutcomeEntry> newestOutcome(String family) {
    return entries.stream()
        .filter(entry -> entry.family().equals(family))
        .flatMap(entry -> entry.outcomes().stream())
        .reduce((earlier, later) -> later);
  }

  List<Decision> toDecisions() {
    return entries.stream().map(DecisionEntry::toDecision).toList();
  }
}
