package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Decision;
import java.time.Instant;
import java.util.List;

/**
 * A {@link Decision} as it is persisted.
 *
 * @param outcomes the newest answer of the device; empty until it answered
 */
public record DecisionEntry(
    long number,
    long atMs,
    String family,
    int fromRung,
    int toRung,
    String reason,
    List<OutcomeEntry> outcomes) {

  public DecisionEntry {
    outcomes = List.copyOf(outcomes);
  }

  DecisionEntry answered(OutcomeEntry outcome) {
    return new DecisionEntry(number, atMs, family, fromRung, toRung, reason, List.of(outcome));
  }

  Decision toDecision() {
    return new Decision(
        number,
        Instant.ofEpochMilli(atMs),
        family,
        fromRung,
        toRung,
        reason,
        outcomes.stream().map(OutcomeEntry::toOutcome).findFirst());
  }
}
