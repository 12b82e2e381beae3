package dev.heirloom.actors.accuracy;

import dev.heirloom.actors.fleet.Trial;

/**
 * What a trial found of the accuracy of two rungs on the same requests.
 *
 * @param rung the candidate's; 0 where nothing was tried
 * @param pairs requests that both answered and whose label came
 * @param gained labels that the candidate met, less those that the rung in service met
 * @param discordant labels that one of them alone met, as far as the trial tells
 */
record Paired(int rung, int pairs, int gained, int discordant) {

  static final Paired NONE = new Paired(0, 0, 0, 0);

  /** With fewer pairs the ladder's difference is believed. */
  static final int LEAST_PAIRS = 30;

  private static final int MOST_PAIRS = 1_000_000;

  /**
   * What a trial found. It does not tell how many labels one rung alone met: at most as many as the
   * answers that differ, in their ratio, and as both counts of labels met allow.
   */
  static Paired of(Trial trial) {
    Counts serving = Counts.of(trial.labelled(), trial.servingCorrect(), MOST_PAIRS);
    Counts candidate = Counts.of(trial.labelled(), trial.candidateCorrect(), MOST_PAIRS);
    int pairs = serving.labels();
    int gained = candidate.correct() - serving.correct();
    int possible =
        Math.min(serving.correct(), pairs - candidate.correct())
            + Math.min(candidate.correct(), pairs - serving.correct());
    double differing =
        trial.answers() == 0 ? 1 : 1 - (double) trial.agreeing() / (double) trial.answers();
    int likely = (int) Math.ceil(differing * pairs);
    return new Paired(
        trial.rung(), pairs, gained, Math.max(Math.abs(gained), Math.min(possible, likely)));
  }

  /** Whether it says more of a rung than the ladder does. */
  boolean tells(int ofRung) {
    return rung == ofRung && pairs >= LEAST_PAIRS;
  }

  /** Accuracy of the candidate less that of the rung in service; of at least one pair. */
  Interval difference() {
    return Interval.ofPairedDifference(pairs, gained, discordant);
  }
}
