package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * How a window changes what is known of a device.
 *
 * <p>The log ratio of request p95 over the ladder's latency is split into the device's share, a
 * moving average, and a bias per rung. The first windows at a rung teach its bias, later ones the
 * device's share: what differs from rung to rung is not taken for load, and load is not taken for a
 * property of the rung.
 */
final class Learning {

  private static final double GAIN = 0.3;
  private static final int TEACHING_WINDOWS = 3;
  private static final double CLEARLY_LOWER = 0.75;
  private static final int CALM_WINDOWS = 5;

  private Learning() {}

  /**
   * Learns from a window of the desired rung.
   *
   * @param over whether it exceeds the budget; it is then believed in full
   */
  static PolicyState learn(Terms terms, PolicyState state, WindowReport window, boolean over) {
    double seen =
        new Forecast(terms.ladder(), state, terms.prior())
            .logRatio(window.request().p95Ns(), window.rung());
    return calm(terms, split(state, seen, over));
  }

  /** Remembers that the desired rung broke a latency budget. */
  static PolicyState broke(PolicyState state, long budgetNs, long p95Ns) {
    return state.remember(state.memory(state.rung()).broken(budgetNs, p95Ns));
  }

  /** Lifts what broke smaller budgets than {@code budgetNs}; 0 means no budget. */
  static PolicyState forgiveBelow(PolicyState state, long budgetNs) {
    return state.mapRungs(memory -> memory.broke(budgetNs) ? memory : memory.forgiven());
  }

  private static PolicyState split(PolicyState state, double seen, boolean over) {
    RungMemory memory = state.memory(state.rung());
    double common = state.logRatio();
    if (!state.measured()) {
      return state.learnt(seen, seen).remember(memory.measured(0));
    }
    boolean onlyRung = memory.windows() == state.windows();
    if (onlyRung || memory.windows() >= TEACHING_WINDOWS) {
      double value = seen - memory.bias();
      return state
          .learnt(over ? value : smoothed(state, value), value)
          .remember(memory.measured(memory.bias()));
    }
    double gain = over ? 1 : 1.0 / (memory.windows() + 1);
    double bias = memory.bias() + gain * (seen - common - memory.bias());
    return state.learnt(common, common).remember(memory.measured(bias));
  }

  /** Two windows in a row that are lower are believed as far as both go; else a moving average. */
  private static double smoothed(PolicyState state, double value) {
    double common = state.logRatio();
    if (value < common && state.latest() < common) {
      return Math.max(value, state.latest());
    }
    double gain = Math.max(GAIN, 1.0 / (state.windows() + 1));
    return common + gain * (value - common);
  }

  private static PolicyState calm(Terms terms, PolicyState state) {
    Forecast forecast = new Forecast(terms.ladder(), state, terms.prior());
    return state.mapRungs(
        memory -> {
          if (memory.brokenBudgetNs() == 0) {
            return memory;
          }
          boolean lower = forecast.p95Ns(memory.rung()) <= CLEARLY_LOWER * memory.brokenP95Ns();
          int calm = lower ? memory.calm() + 1 : 0;
          return calm >= CALM_WINDOWS ? memory.forgiven() : memory.withCalm(calm);
        });
  }
}
