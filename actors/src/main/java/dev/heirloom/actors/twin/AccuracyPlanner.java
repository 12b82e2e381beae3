package dev.heirloom.actors.twin;

import dev.heirloom.actors.accuracy.FieldEvidence;
import dev.heirloom.actors.accuracy.Finding;
import dev.heirloom.actors.adaptation.Choice;
import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.adaptation.Terms;
import dev.heirloom.actors.adaptation.Verdict;
import dev.heirloom.actors.fleet.Flag;
import dev.heirloom.runtime.family.Ladder;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What follows from a device's accuracy in the field: a larger rung where one helps, a flag where
 * none does, a trial where labels are few. The other limits go first.
 */
final class AccuracyPlanner {

  /** Windows in a row in which nothing helps before a device is flagged. */
  static final int PATIENCE = 2;

  /** Windows from one trial to the next, before jitter. */
  static final int BETWEEN_TRIALS = 100;

  /** A rung that is expected to gain less is not taken for it. */
  private static final double LEAST_GAIN = 0.001;

  private final RankPolicy policy;

  AccuracyPlanner(RankPolicy policy) {
    this.policy = policy;
  }

  /** Whether nothing follows from a window, as nearly always. */
  boolean idle(TwinState.Known known, LiveAccuracy accuracy) {
    double floor = known.budgets().inForce().leastAccuracy();
    boolean idle =
        known.flag().isEmpty()
            && switch (accuracy.evidence().kind(floor)) {
              case FINE -> true;
              case IN_DOUBT -> accuracy.evidence().provenRung() == 0;
              case UNDER_FLOOR, DRIFTED -> false;
            };
    if (idle) {
      accuracy.helpless(false);
    }
    return idle;
  }

  /** A larger rung, where the finding asks for one and it is expected to help. */
  Optional<Verdict> raise(Terms terms, PolicyState state, FieldEvidence evidence, Finding finding) {
    Ladder ladder = terms.ladder();
    Terms helpful = helpful(terms, evidence);
    Optional<Verdict> raised =
        switch (finding.kind()) {
          case FINE -> Optional.empty();
          case IN_DOUBT -> proven(helpful, state, evidence, finding);
          case UNDER_FLOOR -> {
            double needed = evidence.neededOnLadder(terms.budget().leastAccuracy(), ladder);
            yield raised(helpful, state, needed, finding.reason())
                .or(() -> mostAccurate(helpful, state, evidence, finding));
          }
          case DRIFTED -> mostAccurate(helpful, state, evidence, finding);
        };
    return raised.map(verdict -> withExpectation(verdict, evidence, ladder));
  }

  /** The rung to be tried beside the one in service; empty where none may be raised to. */
  Optional<Integer> toTry(Terms terms, PolicyState state, LiveAccuracy accuracy) {
    FieldEvidence evidence = accuracy.evidence();
    boolean wanted =
        accuracy.trialDue()
            && accuracy.mayRaise()
            && evidence.ownLabels() > 0
            && evidence.kind(terms.budget().leastAccuracy()) == Finding.Kind.IN_DOUBT;
    return wanted ? policy.raise(terms, state, 0, "").choice().map(Choice::rung) : Optional.empty();
  }

  /** What becomes of a device's flag where no rung was raised. */
  Optional<TwinEvent> flag(
      TwinState.Known known, LiveAccuracy accuracy, Finding finding, Ladder ladder, long atMs) {
    int helpless = accuracy.helpless(finding.bad());
    Optional<FlagEntry> flag = known.flag();
    if (flag.isPresent() && gone(flag.get(), known, accuracy, finding)) {
      return Optional.of(new TwinEvent.FlagLifted(atMs, lifted(flag.get(), finding)));
    }
    boolean news =
        finding.bad()
            && (flag.isEmpty()
                || (finding.kind() == Finding.Kind.UNDER_FLOOR
                    && flag.get().is(Flag.Kind.DRIFTED)));
    return news && helpless >= PATIENCE
        ? Optional.of(flagged(known, accuracy, finding, ladder, atMs))
        : Optional.empty();
  }

  private static boolean gone(
      FlagEntry flag, TwinState.Known known, LiveAccuracy accuracy, Finding finding) {
    double floor = known.budgets().inForce().leastAccuracy();
    if (flag.is(Flag.Kind.UNDER_FLOOR)) {
      return floor == 0 || finding.kind() == Finding.Kind.FINE;
    }
    return !finding.bad()
        && (accuracy.cameBack() || (floor > 0 && accuracy.evidence().clears(floor)));
  }

  private static String lifted(FlagEntry flag, Finding finding) {
    return finding.kind() == Finding.Kind.FINE && !flag.is(Flag.Kind.DRIFTED)
        ? finding.reason()
        : "what it sees no longer counts against it: " + finding.reason();
  }

  private static TwinEvent flagged(
      TwinState.Known known, LiveAccuracy accuracy, Finding finding, Ladder ladder, long atMs) {
    Flag.Kind kind =
        finding.kind() == Finding.Kind.UNDER_FLOOR ? Flag.Kind.UNDER_FLOOR : Flag.Kind.DRIFTED;
    String helpless;
    if (known.pinnedRung() > 0) {
      helpless = "an operator holds the device on rung " + known.pinnedRung();
    } else if (known.quarantine(known.desired().family()).isPresent()) {
      helpless = "nothing more of the family is tried on the device";
    } else if (known.desired().rung() == ladder.size()) {
      helpless = "rung " + ladder.size() + " is the largest there is";
    } else if (!accuracy.mayRaise()) {
      helpless = "a larger rung was tried lately and had to be left";
    } else {
      helpless = "no larger rung within the limits is expected to help";
    }
    return new TwinEvent.Flagged(atMs, kind.label(), finding.reason() + "; " + helpless);
  }

  private Optional<Verdict> proven(
      Terms terms, PolicyState state, FieldEvidence evidence, Finding finding) {
    int rung = evidence.provenRung();
    if (rung == 0 || rung > terms.ladder().size()) {
      return Optional.empty();
    }
    String why = finding.reason() + "; " + evidence.describedTrial();
    return raised(terms, state, terms.ladder().rung(rung).accuracy(), why);
  }

  private Optional<Verdict> mostAccurate(
      Terms terms, PolicyState state, FieldEvidence evidence, Finding finding) {
    return terms.ladder().rungs().stream()
        .filter(figures -> figures.rung() > evidence.rung())
        .map(figures -> figures.accuracy())
        .sorted((one, other) -> Double.compare(other, one))
        .flatMap(accuracy -> raised(terms, state, accuracy, finding.reason()).stream())
        .findFirst();
  }

  private Optional<Verdict> raised(Terms terms, PolicyState state, double least, String why) {
    return Optional.of(policy.raise(terms, state, least, why))
        .filter(verdict -> verdict.choice().isPresent());
  }

  /** The terms without the rungs that are not expected to help. */
  private static Terms helpful(Terms terms, FieldEvidence evidence) {
    Set<Integer> blocked = new HashSet<>(terms.blocked());
    for (int rung = 1; rung <= terms.ladder().size(); rung++) {
      if (evidence.gain(rung, terms.ladder()) < LEAST_GAIN) {
        blocked.add(rung);
      }
    }
    return new Terms(terms.ladder(), terms.profile(), terms.budget(), terms.prior(), blocked);
  }

  private static Verdict withExpectation(Verdict verdict, FieldEvidence evidence, Ladder ladder) {
    Choice choice = verdict.choice().orElseThrow();
    double gain = evidence.gain(choice.rung(), ladder);
    String expected =
        evidence.ownLabels() == 0
            ? String.format(Locale.ROOT, ", %.1f points more accurate", 100 * gain)
            : String.format(
                Locale.ROOT,
                ", with an accuracy of %.1f %%",
                100 * Math.min(1, evidence.accuracy().estimate() + gain));
    return new Verdict(
        verdict.next(), Optional.of(new Choice(choice.rung(), choice.reason() + expected)));
  }
}
