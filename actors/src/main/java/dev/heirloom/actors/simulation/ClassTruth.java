package dev.heirloom.actors.simulation;

/**
 * What is true of a device class.
 *
 * <p>{@code logCosts} is the natural logarithm of the p95 of a typical device at each rung, in ns,
 * without any load. {@code throttledLog} is the log factor of a throttled device; 0 where the class
 * never throttles.
 */
final class ClassTruth {

  private static final int KIND = 1;

  final String name;
  final double[] logCosts;
  final double throttledLog;

  private ClassTruth(String name, double[] logCosts, double throttledLog) {
    this.name = name;
    this.logCosts = logCosts;
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
    return new ClassTruth("class-" + (index + 1), logCosts, throttles ? slowdown : 0);
  }
}
