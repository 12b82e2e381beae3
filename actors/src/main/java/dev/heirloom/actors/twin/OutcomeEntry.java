package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.runtime.family.Digest;

/** An {@link Outcome} as it is persisted, its digest in hexadecimal. */
public record OutcomeEntry(
    long decision,
    String family,
    String manifest,
    int rung,
    boolean installed,
    String failedCheck,
    String message,
    long wireBytes,
    long missingBytes,
    long fetchMs,
    long swapMs) {

  static OutcomeEntry of(Outcome outcome) {
    return new OutcomeEntry(
        outcome.decision(),
        outcome.family(),
        outcome.manifest().hex(),
        outcome.rung(),
        outcome.installed(),
        outcome.failedCheck(),
        outcome.message(),
        outcome.wireBytes(),
        outcome.missingBytes(),
        outcome.fetchMs(),
        outcome.swapMs());
  }

  Outcome toOutcome() {
    return new Outcome(
        decision,
        family,
        Digest.parse(manifest),
        rung,
        installed,
        failedCheck,
        message,
        wireBytes,
        missingBytes,
        fetchMs,
        swapMs);
  }
}
