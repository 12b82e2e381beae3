package dev.heirloom.actors.simulation;

import java.time.Duration;

/** Adds up what a strategy did in one or more runs of a scenario. */
public final class Ledger implements Watcher {

  static final int FIRST_WINDOWS = 3;
  static final int LEAST_REQUESTS = 20;

  private final double smallestAccuracy;
  private final int steadyAfter;
  private final Recoveries recoveries;
  private final Timeline timeline;
  private long windows;
  private long feasible;

  /** Sums beyond rung 1's. */
  private double accuracy;

  private double bestAccuracy;
  private long graded;
  private long unavoidable;
  private long over;
  private long trulyOver;
  private long steady;
  private long steadyChanges;

  /** An empty ledger. */
  public Ledger(Scenario scenario) {
    this.smallestAccuracy = scenario.ladder().rung(1).accuracy();
    this.steadyAfter = scenario.windowsIn(Duration.ofHours(1));
    this.recoveries = new Recoveries(scenario.devices());
    this.timeline = new Timeline(scenario.windows(), scenario.ladder().size());
  }

  @Override
  public void saw(Moment moment) {
    windows++;
    timeline.saw(moment);
    recoveries.saw(moment);
    if (moment.linked() && moment.age() >= steadyAfter && moment.sinceStep() >= steadyAfter) {
      steady++;
      steadyChanges += moment.changed() ? 1 : 0;
    }
    if (moment.best() == 0) {
      return;
    }
    feasible++;
    accuracy += moment.accuracy() - smallestAccuracy;
    bestAccuracy += moment.bestAccuracy() - smallestAccuracy;
    if (!judged(moment)) {
      return;
    }
    if (!avoidable(moment)) {
      unavoidable++;
    } else {
      graded++;
      over += moment.measuredNs() > moment.budgetNs() ? 1 : 0;
      trulyOver += moment.trueNs() > moment.budgetNs() ? 1 : 0;
    }
  }

  /**
   * Whether a window counts for violations: it is judged, and some rung would have kept to the
   * budget.
   */
  static boolean graded(Moment moment) {
    return judged(moment) && avoidable(moment);
  }

  private static boolean judged(Moment moment) {
    return moment.best() > 0
        && moment.age() >= FIRST_WINDOWS
        && moment.requests() >= LEAST_REQUESTS;
  }

  private static boolean avoidable(Moment moment) {
    return moment.leastNs() <= moment.budgetNs();
  }

  /** Adds another run of the same scenario, which has ended. */
  public void add(Ledger other) {
    windows += other.windows;
    feasible += other.feasible;
    accuracy += other.accuracy;
    bestAccuracy += other.bestAccuracy;
    graded += other.graded;
    unavoidable += other.unavoidable;
    over += other.over;
    trulyOver += other.trulyOver;
    steady += other.steady;
    steadyChanges += other.steadyChanges;
    recoveries.add(other.recoveries);
    timeline.add(other.timeline);
  }

  /** What it comes to. */
  public Score score() {
    return new Score(
        windows,
        smallestAccuracy + share(accuracy, feasible),
        smallestAccuracy + share(bestAccuracy, feasible),
        smallestAccuracy,
        share((double) over, graded),
        share((double) trulyOver, graded),
        50 * share((double) steadyChanges, steady),
        recoveries.count(),
        recoveries.mean(),
        recoveries.percentile(0.95),
        share((double) unavoidable, graded + unavoidable),
        share((double) (windows - feasible), windows));
  }

  /** How it went over time. */
  public Timeline timeline() {
    return timeline;
  }

  private static double share(double part, long whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
