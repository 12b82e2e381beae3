package dev.heirloom.actors.simulation;

import dev.heirloom.runtime.family.Ladder;
import java.util.Arrays;

/**
 * A device's life, window by window. It goes on as it does whatever rung is served, so that every
 * contender meets the same: each window draws the same numbers.
 */
final class DeviceTruth implements Truth {

  private static final int KIND = 3;
  private static final double MINUTES_PER_DAY = 24 * 60;

  final DeviceTraits traits;
  private final Draws draws;
  private final Conditions.Traffic traffic;
  private final double windowMinutes;
  private final double[] accuracies;
  private final double leastCostNs;
  private final LoadStep step;
  private final Throttle throttle;
  private final Presence presence;
  private final Measurement measurement;

  private double factor = 1;
  private int best;
  private int bestHeld;
  private int requests;
  private double error = 1;
  private double swapAt;

  DeviceTruth(Scenario scenario, long seed, int index, DeviceTraits traits) {
    Conditions conditions = scenario.conditions();
    this.traits = traits;
    this.draws = Draws.of(seed, KIND, index);
    this.traffic = conditions.traffic();
    this.windowMinutes = scenario.windowMinutes();
    this.accuracies = accuracies(scenario.ladder());
    this.leastCostNs = Arrays.stream(traits.costsNs).min().orElseThrow();
    this.step = new LoadStep(conditions.steps(), windowMinutes);
    this.throttle = new Throttle(conditions.heat(), traits.ofClass.throttledLog, windowMinutes);
    this.presence = new Presence(conditions.churn(), windowMinutes);
    this.measurement = new Measurement(conditions.measuring());
  }

  private static double[] accuracies(Ladder ladder) {
    return ladder.rungs().stream().mapToDouble(rung -> rung.accuracy()).toArray();
  }

  /**
   * Goes on to a window.
   *
   * @param window from the start of the counted time; consecutive
   */
  void next(int window) {
    if (window > traits.joins) {
      presence.next(draws);
    }
    step.next(draws);
    double days = window * windowMinutes / MINUTES_PER_DAY;
    double day = Math.sin(2 * Math.PI * days + traits.phase);
    double load = traits.loadLog * day + step.log();
    throttle.next(load);
    double joined = (window - traits.joins) * windowMinutes / MINUTES_PER_DAY;
    factor = Math.exp(load + throttle.log() + traits.driftPerDay * joined);
    double rate = traits.requestsPerWindow * Math.exp(traffic.dayLog() * day);
    requests = draws.chance(traffic.idleShare()) ? 0 : draws.poisson(rate);
    error = requests == 0 ? 1 : Math.exp(measurement.logError(draws, requests));
    swapAt = draws.uniform();
    best = best(traits.budgetNs);
    bestHeld = best(traits.budgetNs * Math.exp(-measurement.upperLog(rate)));
  }

  private int best(double limitNs) {
    int found = 0;
    for (int i = 0; i < accuracies.length; i++) {
      if (traits.costsNs[i] * factor <= limitNs
          && (found == 0 || accuracies[i] > accuracies[found - 1])) {
        found = i + 1;
      }
    }
    return found;
  }

  @Override
  public double p95Ns(int rung) {
    return traits.costsNs[rung - 1] * factor;
  }

  @Override
  public int best() {
    return best;
  }

  @Override
  public int bestHeld() {
    return bestHeld;
  }

  /** True p95 of the fastest rung, in ns. */
  double leastNs() {
    return leastCostNs * factor;
  }

  /** Accuracy of a rung. */
  double accuracy(int rung) {
    return accuracies[rung - 1];
  }

  int requests() {
    return requests;
  }

  /** What a window measures where its true p95 is as given; in ns. */
  double measured(double p95Ns) {
    return p95Ns * error;
  }

  /** At which share of the window a new rung takes over, if one does. */
  double swapAt() {
    return swapAt;
  }

  /** True p95 of a window that changes from one rung to another at {@link #swapAt}. */
  double mixed(int from, int to) {
    return from == to ? p95Ns(to) : measurement.mixed(swapAt, p95Ns(from), p95Ns(to));
  }

  boolean serving() {
    return presence.serving();
  }

  boolean linked() {
    return presence.linked();
  }

  LoadStep step() {
    return step;
  }

  double celsius() {
    return throttle.celsius();
  }
}
