package dev.heirloom.actors.simulation;

/** Hand-made windows of a ladder of four rungs: k takes k ms and is 0.1 k accurate. */
final class Moments {

  static final long BUDGET_NS = 3_000_000;

  private Moments() {}

  static Scenario scenario(int devices, int windows) {
    return new Scenario(
        Scenario.ladder(new double[] {0.1, 0.2, 0.3, 0.4}, new double[] {1, 2, 3, 4}),
        devices,
        1,
        0,
        0,
        java.time.Duration.ZERO,
        java.time.Duration.ofMinutes(windows),
        java.time.Duration.ofMinutes(1),
        BUDGET_NS,
        Conditions.still());
  }

  /** A quiet window of device 0 on one rung, long after it joined; rung 3 is the best. */
  static Moment quiet(int window, int rung) {
    return at(window, 1000, rung, 3, 100, 1, false, 1000);
  }

  /**
   * A window of device 0.
   *
   * @param load factor on every rung's latency
   */
  static Moment at(
      int window,
      int age,
      int rung,
      int best,
      int requests,
      double load,
      boolean stepBegan,
      int sinceStep) {
    double ns = rung * 1e6 * load;
    return new Moment(
        0,
        window,
        age,
        rung,
        rung,
        rung,
        false,
        true,
        best,
        best,
        0.1 * rung,
        0.1 * Math.max(1, best),
        BUDGET_NS,
        ns,
        ns,
        ns,
        1e6 * load,
        requests,
        stepBegan,
        sinceStep);
  }

  /** The same window, with a change of the desired rung. */
  static Moment changing(Moment moment) {
    return new Moment(
        moment.device(),
        moment.window(),
        moment.age(),
        moment.began(),
        moment.ended(),
        moment.desired() + 1,
        true,
        moment.linked(),
        moment.best(),
        moment.bestHeld(),
        moment.accuracy(),
        moment.bestAccuracy(),
        moment.budgetNs(),
        moment.trueNs(),
        moment.beganTrueNs(),
        moment.measuredNs(),
        moment.leastNs(),
        moment.requests(),
        moment.stepBegan(),
        moment.sinceStep());
  }
}
