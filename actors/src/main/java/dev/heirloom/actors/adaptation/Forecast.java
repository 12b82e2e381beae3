package dev.heirloom.actors.adaptation;

import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;

/**
 * Expected request p95 of a device at each rung, and how sure that is: the ladder's latency times a
 * learnt ratio, whose logarithm is normally distributed. Where the ladder was not timed,
 * multiply-accumulates stand for latency; a class prior says nothing then.
 */
final class Forecast {
  /** Share of a rung's own deviation that counts before it was measured. */
  private static final double UNSEEN = 0.5;

  private final Ladder ladder;
  private final PolicyState state;
  private final Speed speed;
  private final boolean known;
  private final boolean timed;

  Forecast(Terms terms, PolicyState state) {
    this.ladder = terms.ladder();
    this.state = state;
    this.timed = timed(ladder);
    boolean fromClass = timed && terms.prior().known();
    this.known = state.measured() || fromClass;
    this.speed = state.measured() || !fromClass ? state.speed() : Speed.expected(terms.prior());
  }

  /** Whether anything is known of the device's speed. */
  boolean known() {
    return known;
  }

  /** What is known of the device's speed, measured or from its class. */
  Speed speed() {
    return speed;
  }

  /** Expected p95 at a rung in ns. */
  double p95Ns(int rung) {
    return Math.exp(speed.logRatio() + state.bias(rung)) * cost(rung);
  }

  /**
   * The p95 in ns that the next window at a rung is expected to stay under, as far as so many
   * standard deviations go. What a rung that was never measured may have beyond its device counts
   * in part only, or no device would ever find out.
   */
  double upperP95Ns(int rung, double deviations) {
    double device = speed.noise() + speed.variance();
    RungMemory memory = state.memory(rung);
    double log =
        memory.windows() > 0
            ? deviations * Math.sqrt(device + memory.variance(speed.noise()))
            : deviations * Math.sqrt(device) + UNSEEN * RungMemory.SHAPE;
    return p95Ns(rung) * Math.exp(log);
  }

  /** The same as far as only what one window differs from the next counts. */
  double upperInServiceNs(int rung, double deviations) {
    return p95Ns(rung) * Math.exp(deviations * Math.sqrt(speed.noise()));
  }

  /**
   * The same for a device that has measured nothing: what one window differs from the next counts
   * in full, what devices of its class differ by half of one standard deviation.
   */
  double upperAtFirstNs(int rung, double deviations) {
    double log = deviations * Math.sqrt(speed.noise()) + Math.sqrt(speed.variance()) / 2;
    return p95Ns(rung) * Math.exp(log);
  }

  /** A rung's p95 on a device that has measured nothing, by what its class measured. */
  ExpectedLatency expected(int rung, int devices) {
    double variance = speed.noise() + speed.variance() + state.memory(rung).variance(speed.noise());
    return ExpectedLatency.of(
        ExpectedLatency.Basis.DEVICE_CLASS, p95Ns(rung), Math.sqrt(variance), devices);
  }

  /** What p95 at one rung, taken alone, says about another, in ns. */
  double p95Ns(int rung, long p95Ns, int observedAt) {
    return p95Ns
        * Math.exp(state.bias(rung) - state.bias(observedAt))
        * cost(rung)
        / cost(observedAt);
  }

  /** Natural logarithm of an observed p95 over the rung's cost. */
  double logRatio(long p95Ns, int rung) {
    return Math.log(Math.max(1, p95Ns) / cost(rung));
  }

  private double cost(int rung) {
    RungFigures figures = ladder.rung(rung);
    return Math.max(1, timed ? figures.latencyP50Ns() : figures.macs());
  }

  private static boolean timed(Ladder ladder) {
    for (RungFigures figures : ladder.rungs()) {
      if (figures.latencyP50Ns() <= 0) {
        return false;
      }
    }
    return true;
  }
}
