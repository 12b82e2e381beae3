package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.WindowReport;

/**
 * How a window changes what is known of a device.
 *
 * <p>The log ratio of request p95 over the ladder's latency is the sum of the device's share, which
 * wanders, and of a bias per rung, which does not: a Kalman filter, whose gain is divided between
 * the two by how uncertain each is. What it cannot explain is a property of the rung where the
 * device has just come to it, and else a change of the device: its share is then opened again.
 */
final class Learning {
  /** Deviations beyond which one window is not believed further. */
  private static final double OUTLIER = 2.5;

  /** Windows after a broken budget in which a slower device excuses the rung that broke it. */
  private static final int EXCUSE_WINDOWS = 4;

  private Learning() {}

  /**
   * Whether a window is slower than its noise explains, so that the device or the rung is no longer
   * what it was taken for.
   */
  static boolean unexpected(Terms terms, PolicyState state, WindowReport window) {
    Forecast forecast = new Forecast(terms, state);
    return !forecast.known() || Reading.of(forecast, state, window).standardised() > OUTLIER;
  }

  /**
   * Learns from a window of the desired rung.
   *
   * @param broken whether it broke the budget by more than noise explains; it is then believed in
   *     full
   */
  static PolicyState learn(Terms terms, PolicyState state, WindowReport window, boolean broken) {
    Forecast forecast = new Forecast(terms, state);
    Reading reading = Reading.of(forecast, state, window);
    if (!forecast.known()) {
      return first(state, reading);
    }
    PolicyState next =
        broken && reading.error > 0
            ? blamed(state, forecast.speed(), reading)
            : update(state, forecast.speed(), reading);
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

  /**
   * A window beside what was expected of it.
   *
   * @param seen log ratio measured
   * @param error of the expectation
   * @param noise variance of the window
   * @param device variance of the device's share
   * @param rung variance of the rung's bias
   */
  private record Reading(double seen, double error, double noise, double device, double rung) {

    static Reading of(Forecast forecast, PolicyState state, WindowReport window) {
      Speed speed = forecast.speed();
      double seen = forecast.logRatio(window.request().p95Ns(), window.rung());
      double noise = Math.max(speed.noise(), sampling(window.request()));
      return new Reading(
          seen,
          seen - speed.logRatio() - state.bias(window.rung()),
          noise,
          speed.wandered(),
          state.memory(window.rung()).variance(noise));
    }

    double standardised() {
      return error / Math.sqrt(noise + device + rung);
    }
  }

  private static PolicyState first(PolicyState state, Reading reading) {
    return state
        .withSpeed(state.speed().learnt(reading.seen, reading.noise, 0))
        .remember(state.memory(state.rung()).measured(0));
  }

  private static PolicyState update(PolicyState state, Speed speed, Reading reading) {
    RungMemory memory = state.memory(state.rung());
    double error = reading.error;
    double bias = state.bias(state.rung());
    if (teaches(state, memory) && Math.abs(reading.standardised()) > OUTLIER) {
      return taught(state, speed, reading);
    }
    double surprise = speed.surprise(reading.standardised());
    boolean moved = Speed.shifted(surprise);
    double device = reading.device + (moved ? error * error : 0);
    double total = device + reading.rung + reading.noise;
    double most = OUTLIER * Math.sqrt(total);
    double believed = Math.max(-most, Math.min(most, error));
    double gain = device / total;
    Speed learnt =
        speed.learnt(speed.logRatio() + gain * believed, device * (1 - gain), moved ? 0 : surprise);
    if (!moved) {
      learnt = learnt.noisy(Math.max(0, error * error - reading.device - reading.rung));
    }
    return state
        .withSpeed(learnt)
        .remember(memory.measured(bias + reading.rung / total * believed));
  }

  /**
   * A window that noise does not explain, of a rung that the device has just come to. A slow one is
   * believed to be the rung's at once, for it costs the budget. A fast one may be chance: the next
   * one decides. It is the device's where that was slowed a short time ago, which then has ended,
   * and else the rung's.
   */
  private static PolicyState taught(PolicyState state, Speed speed, Reading reading) {
    RungMemory memory = state.memory(state.rung());
    double bias = state.bias(state.rung());
    if (reading.error < 0) {
      double surprise = speed.surprise(reading.standardised());
      if (!Speed.shifted(surprise)) {
        return state.withSpeed(speed.learnt(speed.logRatio(), reading.device, surprise));
      }
      if (state.rungs().stream().anyMatch(RungMemory::slowedLately)) {
        return state
            .withSpeed(speed.learnt(speed.logRatio() + reading.error, reading.noise, 0))
            .remember(memory.measured(bias));
      }
    }
    return state
        .withSpeed(speed.learnt(speed.logRatio(), reading.device, 0))
        .remember(memory.measured(bias + reading.error));
  }

  /**
   * Believes a window over budget in full. A rung that the device has just come to is blamed. One
   * that it has been on for long is not: then the device is, and it is in doubt again how fast it
   * is, because such a window may have been the only one.
   */
  private static PolicyState blamed(PolicyState state, Speed speed, Reading reading) {
    RungMemory memory = state.memory(state.rung());
    if (teaches(state, memory)) {
      return state
          .withSpeed(speed.learnt(speed.logRatio(), reading.device, 0))
          .remember(memory.measured(reading.seen - speed.logRatio()));
    }
    double doubt = reading.noise + speed.variance() + reading.error * reading.error;
    double bias = state.bias(memory.rung());
    PolicyState next =
        state
            .withSpeed(speed.learnt(reading.seen - bias, doubt, 0))
            .remember(memory.measured(bias));
    return excused(next, reading.error);
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
