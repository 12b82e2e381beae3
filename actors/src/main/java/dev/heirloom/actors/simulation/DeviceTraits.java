package dev.heirloom.actors.simulation;

import dev.heirloom.runtime.family.ProbeTimes;

/**
 * What of a device stays as it is.
 *
 * <p>{@code costsNs} is its p95 at each rung without any load, in ns. {@code joins} is its first
 * window; below 0 before the counted time. {@code probes} is what it took for the micro-probes;
 * none where its agent runs none.
 */
final class DeviceTraits {

  private static final int KIND = 2;
  private static final int PROBES_KIND = 5;

  /** How far what suits a device reaches beyond the ladder, in rungs: some fit none, some all. */
  private static final double BELOW = 0.3;

  private static final double ABOVE = 0.5;

  final ClassTruth ofClass;
  final double[] costsNs;
  final ProbeTimes probes;
  final long budgetNs;
  final int joins;
  final double requestsPerWindow;
  final double loadLog;
  final double phase;
  final double driftPerDay;

  private DeviceTraits(
      Scenario scenario, Draws draws, Draws ofProbes, ClassTruth ofClass, boolean pioneer) {
    Conditions conditions = scenario.conditions();
    this.ofClass = ofClass;
    double own = own(conditions.speeds(), draws);
    this.costsNs = costs(conditions.speeds(), draws, ofClass, own);
    this.probes = probes(conditions.probes(), ofProbes, ofClass.probesLog + own);
    this.budgetNs = budget(scenario, draws, costsNs);
    double joinShare = draws.uniform();
    boolean late = draws.chance(conditions.churn().lateShare());
    this.joins =
        pioneer ? -scenario.windowsBefore() : late ? (int) (joinShare * scenario.windows()) : 0;
    Conditions.Traffic traffic = conditions.traffic();
    this.requestsPerWindow =
        traffic.perSecond()
            * 60
            * scenario.windowMinutes()
            * Math.exp(traffic.spread() * draws.normal());
    this.loadLog = draws.uniform(0, traffic.mostLoadLog());
    this.phase = draws.uniform(0, 2 * Math.PI);
    double wandering = conditions.drift().spread() * draws.normal();
    this.driftPerDay =
        draws.chance(conditions.drift().ageingShare()) ? conditions.drift().ageing() : wandering;
  }

  static DeviceTraits draw(
      Scenario scenario, long seed, int index, ClassTruth ofClass, boolean pioneer) {
    return new DeviceTraits(
        scenario,
        Draws.of(seed, KIND, index),
        Draws.of(seed, PROBES_KIND, index),
        ofClass,
        pioneer);
  }

  /** Log factor of a device around its class. */
  private static double own(Conditions.Speeds speeds, Draws draws) {
    double own = speeds.deviceSpread() * draws.normal();
    double odd = draws.uniform(speeds.leastOdd(), speeds.mostOdd());
    if (!draws.chance(speeds.oddShare())) {
      return own;
    }
    return draws.chance(0.5) ? odd : -odd;
  }

  private static ProbeTimes probes(Conditions.Probes probes, Draws draws, double log) {
    boolean known = draws.chance(probes.knownShare());
    double shown = log + probes.deviceDeviation() * draws.normal();
    return known ? Probing.times(Math.exp(shown)) : ProbeTimes.NONE;
  }

  private static double[] costs(
      Conditions.Speeds speeds, Draws draws, ClassTruth ofClass, double own) {
    double[] costs = new double[ofClass.logCosts.length];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = Math.exp(ofClass.logCosts[i] + own + speeds.deviceShape() * draws.normal());
    }
    return costs;
  }

  /** The p95 at a place on the ladder that is drawn uniformly, between rungs too. */
  private static long budget(Scenario scenario, Draws draws, double[] costs) {
    double place = draws.uniform(-BELOW, costs.length - 1 + ABOVE);
    if (scenario.budgetNs() > 0) {
      return scenario.budgetNs();
    }
    if (costs.length == 1) {
      return Math.round(costs[0] * Math.exp(place));
    }
    int below = (int) Math.max(0, Math.min(costs.length - 2, Math.floor(place)));
    double low = Math.log(costs[below]);
    return Math.round(Math.exp(low + (place - below) * (Math.log(costs[below + 1]) - low)));
  }
}
