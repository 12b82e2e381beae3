package dev.heirloom.actors.simulation;

/**
 * What is true of a device class.
 *
 * <p>{@code logCosts} is the natural logarithm of the p95 of a typical device at each rung, in ns,
 * without any load. {@code probesLog} is the log factor that its devices' micro-probes show over
 * the machine where the family was made. {@code throttledLog} is the log factor of a throttled
 * device; 0 where the class never throttles.
 */
final class ClassTruth {

  private static final int KIND = 1;
  private static final int PROBES_KIND = 4;

  final String name;
  final double[] logCosts;
  final double probesLog;
  final double throttledLog;

  private ClassTruth(String name, double[] logCosts, double probesLog, double throttledLog) {
    this.name = name;
    this.logCosts = logCosts;
    this.probesLog = probesLog;
    this.throttledLog = throttledLog;
  }

  static ClassTruth draw(Scenario scenario, long seed, int index) {
    Draws draws = Draws.of(seed, KIND, index);
    Conditions.Speeds speeds = scenario.conditions().speeds();
    double factor =
        draws.uniform(Math.log(speeds.leastClassFactor()), Math.log(speeds.mostClassFactor()));
    double[] logCosts = new double[scenario.ladder().size()];
    for (int i = 0; i < logCosts.length; i++) {
      double ladder = Math.log(scenario.ladder().rung(i + 1).latencyP50Ns());
      logCosts[i] = ladder + factor + speeds.classShape() * draws.normal();
    }
    Conditions.Heat heat = scenario.conditions().heat();
    double slowdown = draws.uniform(Math.log(heat.leastSlowdown()), Math.log(heat.mostSlowdown()));
    boolean throttles = draws.chance(heat.classShare());
    double unshown =
        scenario.conditions().probes().classDeviation()
            * Draws.of(seed, PROBES_KIND, index).normal();
    return new ClassTruth(
        "class-" + (index + 1), logCosts, factor + unshown, throttles ? slowdown : 0);
  }
}
