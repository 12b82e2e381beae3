package dev.heirloom.actors.twin;

import java.util.Optional;

/**
 * The end of trying: a device on which several installations of a family failed in a row, whichever
 * rungs and versions they were of, or one that an operator wants left alone, is told no more of
 * that family until an operator lifts it. It goes on serving what it serves.
 *
 * @param family the family that is not tried any more
 * @param reason one sentence with its numbers
 */
record Quarantine(String family, String reason) {

  /** Failures in a row that a device is given. */
  static final int MOST_FAILURES = 5;

  /** One that an operator wants, whatever was installed. */
  static Quarantine byOperator(String family, String reason) {
    return new Quarantine(family, "an operator quarantined it: " + reason);
  }

  /**
   * What follows from the decisions about a family and the failures since an operator last chose.
   */
  static Optional<Quarantine> of(String family, DecisionLog log, InstallFailures failures) {
    int failed = Math.min(log.failedInARow(family), failures.total());
    if (family.isEmpty() || failed < MOST_FAILURES) {
      return Optional.empty();
    }
    String last =
        log.newestOutcome(family)
            .map(outcome -> outcome.failedCheck() + ": " + outcome.message())
            .orElse("");
    return Optional.of(
        new Quarantine(
            family,
            "%d installations of %s failed in a row, the last at %s"
                .formatted(failed, family, last)));
  }
}
