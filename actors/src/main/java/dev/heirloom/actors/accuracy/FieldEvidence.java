package dev.heirloom.actors.accuracy;

import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Ladder;
import java.util.Locale;

/**
 * What is known of the accuracy of one device with one version of a family. It begins anew with
 * each rung, but for what the labels of one rung let expect of another.
 *
 * @param rung rung in service; 0 where nothing is known
 * @param labels labels of requests
 * @param drift what the device says of its answers
 * @param paired what the newest trial beside this rung found
 */
public record FieldEvidence(int rung, Labels labels, Drift drift, Paired paired) {

  /** Nothing is known. */
  public static final FieldEvidence NONE =
      new FieldEvidence(0, Labels.NONE, Drift.NONE, Paired.NONE);

  /** Labels before anything is said of them. */
  static final int LEAST_LABELS = 20;

  /** Labels from which on the estimate alone says that the floor is missed. */
  static final int MANY_LABELS = 1000;

  /** The evidence for the rung that the device shall serve now. */
  public FieldEvidence on(int newRung, Ladder ladder) {
    if (newRung == rung) {
      return this;
    }
    Labels expected = rung == 0 ? Labels.NONE : labels.movedTo(ladderGain(rung, newRung, ladder));
    return new FieldEvidence(newRung, expected, Drift.NONE, Paired.NONE);
  }

  /** With a window of this version; one of another rung tells by the ladder's difference. */
  public FieldEvidence with(WindowReport window, Ladder ladder) {
    if (rung == 0 || window.rung() > ladder.size()) {
      return this;
    }
    Counts counts = Counts.of(window.labelled(), window.correct(), Labels.MOST);
    if (window.rung() != rung) {
      double betterBy = ladderGain(window.rung(), rung, ladder);
      return new FieldEvidence(rung, labels.withOthers(counts, betterBy), drift, paired);
    }
    Drift next = drift.with(window);
    Labels before = next.shifted() && !drift.shifted() ? labels.aged() : labels;
    return new FieldEvidence(rung, before.with(counts), next, paired);
  }

  /** With what a trial beside this rung found; one that failed or met no label tells nothing. */
  public FieldEvidence with(Trial trial) {
    boolean tells =
        trial.failure().isEmpty() && trial.servingRung() == rung && trial.labelled() > 0;
    return tells ? new FieldEvidence(rung, labels, drift, Paired.of(trial)) : this;
  }

  /** Accuracy in the field; anything from 0 to 1 where nothing is known. */
  public Interval accuracy() {
    return labels.accuracy();
  }

  /** Labels that came for this rung since its accuracy last changed. */
  public int ownLabels() {
    return labels.own();
  }

  /** Whether the device says other things of its answers than it did at first. */
  public boolean shifted() {
    return drift.shifted();
  }

  /** Whether labels say clearly enough that a floor is met. */
  public boolean clears(double floor) {
    Interval accuracy = accuracy();
    return ownLabels() >= LEAST_LABELS && (accuracy.estimate() + accuracy.lower()) / 2 >= floor;
  }

  /**
   * What is to be thought of it.
   *
   * @param floor least accuracy that is asked for; 0 where none is
   */
  public Finding.Kind kind(double floor) {
    if (floor > 0 && misses(floor)) {
      return Finding.Kind.UNDER_FLOOR;
    }
    boolean likelyMet = floor > 0 && ownLabels() >= LEAST_LABELS && accuracy().estimate() >= floor;
    if (shifted() && !likelyMet) {
      return Finding.Kind.DRIFTED;
    }
    return floor == 0 || clears(floor) ? Finding.Kind.FINE : Finding.Kind.IN_DOUBT;
  }

  /** The same in a sentence. */
  public Finding judge(double floor) {
    Finding.Kind kind = kind(floor);
    String asked = percent(floor) + " asked for";
    return new Finding(
        kind,
        switch (kind) {
          case UNDER_FLOOR -> described() + ", under the " + asked;
          case DRIFTED ->
              drift.described()
                  + " against its first %d windows on rung %d".formatted(drift.windows(), rung)
                  + (ownLabels() > 0 ? "; " + described() : "");
          case FINE -> floor == 0 ? "nothing is asked of its accuracy" : described();
          case IN_DOUBT ->
              (known() ? described() : "no labels came of its answers")
                  + ", too few to tell whether it is under the "
                  + asked;
        });
  }

  /** Accuracy that is expected of another rung beyond this one's, as a trial or the ladder says. */
  public double gain(int other, Ladder ladder) {
    double byLadder = ladderGain(rung, other, ladder);
    return paired.rung() > 0 && other >= paired.rung() ? byLadder + beyondLadder(ladder) : byLadder;
  }

  /** Accuracy that a rung must have on the ladder for a floor to be met in the field. */
  public double neededOnLadder(double floor, Ladder ladder) {
    double missing = floor - accuracy().estimate();
    return ladder.rung(rung).accuracy() + missing - beyondLadder(ladder);
  }

  /** The rung that a trial has shown to be more accurate than this one; 0 where none was. */
  public int provenRung() {
    return paired.tells(paired.rung()) && paired.difference().lower() > 0 ? paired.rung() : 0;
  }

  /** What the newest trial found, in words with numbers; some trial was made. */
  public String describedTrial() {
    Interval difference = paired.difference();
    return String.format(
        Locale.ROOT,
        "on the same %d labelled requests rung %d met %+.1f points (%+.1f..%+.1f with 95 %%"
            + " confidence)",
        paired.pairs(),
        paired.rung(),
        100 * difference.estimate(),
        100 * difference.lower(),
        100 * difference.upper());
  }

  private boolean misses(double floor) {
    Interval accuracy = accuracy();
    return ownLabels() > 0
        && labels.labels() >= LEAST_LABELS
        && (accuracy.upper() < floor
            || (ownLabels() >= MANY_LABELS && accuracy.estimate() < floor));
  }

  private boolean known() {
    return labels.labels() > 0;
  }

  /** What a trial found beyond the ladder's difference, which is expected of larger rungs, too. */
  private double beyondLadder(Ladder ladder) {
    return paired.tells(paired.rung()) && paired.rung() <= ladder.size()
        ? paired.difference().estimate() - ladderGain(rung, paired.rung(), ladder)
        : 0;
  }

  private static double ladderGain(int from, int to, Ladder ladder) {
    return ladder.rung(to).accuracy() - ladder.rung(from).accuracy();
  }

  private String described() {
    Interval accuracy = accuracy();
    long others = Math.round(labels.labels()) - ownLabels();
    return String.format(
        Locale.ROOT,
        "accuracy in the field is %s (%.1f..%.1f %% with 95 %% confidence, %d labels%s)",
        percent(accuracy.estimate()),
        100 * accuracy.lower(),
        100 * accuracy.upper(),
        ownLabels(),
        others > 0 ? " and what other rungs' are worth" : "");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
