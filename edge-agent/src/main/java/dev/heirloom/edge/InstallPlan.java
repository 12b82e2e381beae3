package dev.heirloom.edge;

import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.edge.slot.FetchTally;
import dev.heirloom.edge.slot.HeirIdentity;
import dev.heirloom.proto.v1.Outcome;
import java.util.Optional;

/**
 * Which assignment is to be installed next. One attempt runs at a time; of the assignments told
 * meanwhile the last one counts. An attempt that the link broke off is made again, until several in
 * a row have brought nothing.
 */
final class InstallPlan {
  static final int MOST_FRUITLESS_TRIES = 6;

  private Optional<Assignment> assigned = Optional.empty();
  private Optional<Outcome> lastInstalled = Optional.empty();
  private FetchTally tally = new FetchTally(0);
  private long contentAtLastTry;
  private int fruitlessTries;
  private boolean attempting;
  private boolean waiting;

  /** Takes an assignment; says whether it is another than the one before. */
  boolean assign(Assignment assignment) {
    boolean another = assigned.isEmpty() || assigned.get().decision() != assignment.decision();
    assigned = Optional.of(assignment);
    if (another) {
      waiting = false;
    }
    return another;
  }

  /** Whether an attempt is running. */
  boolean attempting() {
    return attempting;
  }

  /** The wait after an interruption is over. */
  void waited() {
    waiting = false;
  }

  /** Settles an assignment whose heir is in service already; gives what to report. */
  Optional<Outcome> alreadyServed(Optional<HeirIdentity> serving) {
    if (attempting || assigned.isEmpty() || !serving.equals(Optional.of(assigned.get().heir()))) {
      return Optional.empty();
    }
    Assignment served = assigned.get();
    assigned = Optional.empty();
    return Optional.of(
        lastInstalled
            .filter(outcome -> outcome.getDecision() == served.decision())
            .orElseGet(() -> Installation.alreadyServed(served)));
  }

  /**
   * Begins an attempt, if there is one to be made now; its end is told with one of the three below.
   */
  Optional<Attempt> begin() {
    if (attempting || waiting || assigned.isEmpty()) {
      return Optional.empty();
    }
    Assignment next = assigned.get();
    boolean first = tally.decision() != next.decision();
    if (first) {
      tally = new FetchTally(next.decision());
      contentAtLastTry = 0;
      fruitlessTries = 0;
    }
    attempting = true;
    return Optional.of(new Attempt(next, tally, first));
  }

  /**
   * An attempt to install an assignment.
   *
   * @param tally adds up what its fetches cost, over all attempts
   * @param first whether it is the assignment's first attempt
   */
  record Attempt(Assignment assignment, FetchTally tally, boolean first) {}

  /** The attempt ended with the heir in service. */
  void installed(Attempt attempt, Outcome outcome) {
    lastInstalled = Optional.of(outcome);
    failed(attempt);
  }

  /** The attempt ended for good. */
  void failed(Attempt attempt) {
    attempting = false;
    assigned = assigned.filter(latest -> latest.decision() != attempt.assignment().decision());
    tally = new FetchTally(0);
  }

  /** The link broke the attempt off; says whether to try again after a wait. */
  boolean interrupted(Attempt attempt) {
    attempting = false;
    long content = attempt.tally().progressBytes();
    fruitlessTries = content > contentAtLastTry ? 0 : fruitlessTries + 1;
    contentAtLastTry = content;
    if (fruitlessTries >= MOST_FRUITLESS_TRIES) {
      failed(attempt);
      return false;
    }
    waiting = true;
    return true;
  }
}
