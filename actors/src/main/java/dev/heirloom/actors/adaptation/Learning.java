package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.WindowReport;

/**
 * How a window changes what is known of a device.
 *
 * <p>The log ratio of request p95 over the ladder's latency is the sum of the device's share, which
 * wanders, and of a bias per rung, which does not. The first windows at a rung teach its bias: what
 * differs from rung to rung is not taken for load. Later ones teach the device's share mostly: a
 * Kalman filter, whose gain is divided between the two by how uncertain each is. Where windows say
 * that the device is no longer what it was, its share is opened again, and a window over budget is
 * believed at once.
 */
final class Learning {
  /** Deviations beyond which one window is not believed further. */
  private static final double OUTLIER = 2.5;

  /** Windows after a broken budget in which a slower device excuses the rung that broke it. */
  private static final int EXCUSE_WINDOWS = 4;

  private Learning() {}

  /**
   * Learns from a window of the desired rung.
   *
   * @param over whether it exceeds the budget; it is then believed in full
   */
  static PolicyState learn(Terms terms, PolicyState state, WindowReport window, boolean over) {
    Forecast forecast = new Forecast(terms, state);
    double seen = forecast.logRatio(window.request().p95Ns(), window.rung());
    PolicyState next =
        forecast.known()
            ? update(state, forecast.speed(), seen, sampling(window.request()), over)
            : first(state, seen, sampling(window.request()));
    return next.aged();
  }

  /** Remembers that the desired rung broke a latency budget. */
  static PolicyState broke(PolicyState state, long budgetNs) {
    return state.remember(state.memory(state.rung()).broken(budgetNs));
  }

  /** Lifts what broke smaller budgets than {@code budgetNs}; 0 means no budget. */
  static PolicyState forgiveBelow(PolicyState state, long budgetNs) {
    return state.mapRungs(memory -> memory.broke(budgetNs) ? memory : memory.forgiven());
  }

  /**
   * Variance of the logarithm of a p95 as an estimate from n requests: p (1 − p) / (n f²), the
   * asymptotic variance of a sample quantile, with the density f at p95 of a tail that falls
   * exponentially in the logarithm from 5 % at p95 to 1 % at p99.
   */
  static double sampling(LatencySummary request) {
    if (request.count() == 0 || request.p95Ns() == 0 || request.p99Ns() <= request.p95Ns()) {
      return 0;
    }
    double tail = Math.log((double) request.p99Ns() / request.p95Ns()) / Math.log(5);
    double density = 0.05 / tail;
    return 0.95 * 0.05 / (request.count() * density * density);
  }

  private static PolicyState first(PolicyState state, double seen, double sampling) {
    Speed unknown = state.speed();
    double noise = Math.max(unknown.noise(), sampling);
    return state
        .withSpeed(unknown.learnt(seen, noise, 0))
        .remember(state.memory(state.rung()).measured(0));
  }

  private static PolicyState update(
      PolicyState state, Speed speed, double seen, double sampling, boolean over) {
    RungMemory memory = state.memory(state.rung());
    double bias = state.bias(state.rung());
    double error = seen - speed.logRatio() - bias;
    double noise = Math.max(speed.noise(), sampling);
    if (over && error > 0) {
      return blamed(state, speed, memory, seen, noise);
    }
    double deviceVariance = speed.wandered();
    if (teaches(state, memory)) {
      Speed same = speed.learnt(speed.logRatio(), deviceVariance, 0);
      double own = bias + error / (memory.windows() + 1);
      return state.withSpeed(same).remember(memory.measured(own));
    }
    double biasVariance = memory.variance(noise);
    double surprise = speed.surprise(error / Math.sqrt(deviceVariance + biasVariance + noise));
    boolean moved = Speed.shifted(surprise);
    double opened = deviceVariance + (moved ? error * error : 0);
    double total = opened + biasVariance + noise;
    double most = OUTLIER * Math.sqrt(total);
    double believed = Math.max(-most, Math.min(most, error));
    double gain = opened / total;
    Speed learnt =
        speed.learnt(speed.logRatio() + gain * believed, opened * (1 - gain), moved ? 0 : surprise);
    if (!moved) {
      learnt = learnt.noisy(Math.max(0, error * error - deviceVariance - biasVariance));
    }
    return state
        .withSpeed(learnt)
        .remember(memory.measured(bias + biasVariance / total * believed));
  }

  /**
   * Believes a window over budget in full. A rung that the device has just come to is blamed; one
   * that it has been on for long is not, but the device is.
   */
  private static PolicyState blamed(
      PolicyState state, Speed speed, RungMemory memory, double seen, double noise) {
    if (teaches(state, memory)) {
      Speed same = speed.learnt(speed.logRatio(), speed.wandered(), 0);
      return state.withSpeed(same).remember(memory.measured(seen - speed.logRatio()));
    }
    double bias = state.bias(memory.rung());
    double slower = seen - bias - speed.logRatio();
    Speed changed = speed.learnt(seen - bias, noise + speed.variance(), 0);
    return excused(state.withSpeed(changed).remember(memory.measured(bias)), slower);
  }

  /** Whether what differs is the rung's: the device has just come to it from others. */
  private static boolean teaches(PolicyState state, RungMemory memory) {
    return memory.teaching() && !state.onlyMeasuredAt(memory.rung());
  }

  /** What a slower device explains is taken back from rungs that have just been blamed for it. */
  private static PolicyState excused(PolicyState state, double slower) {
    return state.mapRungs(
        memory ->
            memory.rung() != state.rung()
                    && memory.breaks() > 0
                    && memory.age() <= EXCUSE_WINDOWS
                    && memory.bias() > 0
                ? memory.withBias(Math.max(0, memory.bias() - slower))
                : memory);
  }
}
