package dev.heirloom.actors.adaptation;

import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;

/**
 * Expected request p95 of a device at each rung: the ladder's latency times a learnt ratio. Where
 * the ladder was not timed, multiply-accumulates stand for latency; a class prior says nothing
 * then.
 */
final class Forecast {

  private final Ladder ladder;
  private final PolicyState state;
  private final ClassPrior prior;
  private final boolean timed;

  Forecast(Ladder ladder, PolicyState state, ClassPrior prior) {
    this.ladder = ladder;
    this.state = state;
    this.prior = prior;
    this.timed = ladder.rungs().stream().allMatch(figures -> figures.latencyP50Ns() > 0);
  }

  /** Whether anything is known of the device's speed. */
  boolean known() {
    return state.measured() || (timed && prior.known());
  }

  /** Expected p95 at a rung in ns. */
  double p95Ns(int rung) {
    double log = state.measured() ? state.logRatio() + state.bias(rung) : prior.logRatio();
    return Math.exp(log) * cost(rung);
  }

  /** What p95 at one rung, taken alone, says about another, in ns. */
  double p95Ns(int rung, long p95Ns, int observedAt) {
    return p95Ns * cost(rung) / cost(observedAt);
  }

  /** Natural logarithm of an observed p95 over the rung's cost. */
  double logRatio(long p95Ns, int rung) {
    return Math.log(Math.max(1, p95Ns) / cost(rung));
  }

  private double cost(int rung) {
    RungFigures figures = ladder.rung(rung);
    return Math.max(1, timed ? figures.latencyP50Ns() : figures.macs());
  }
}
