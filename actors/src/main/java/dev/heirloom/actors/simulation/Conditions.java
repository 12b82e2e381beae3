package dev.heirloom.actors.simulation;

import java.util.Map;

/**
 * What a simulated fleet is exposed to. Every figure's reason is in {@code
 * docs/explanation/simulator.md}; "log" means natural logarithm of a factor on latency.
 *
 * @param speeds how fast classes and devices are
 * @param traffic requests, and the load that comes and goes with the day
 * @param steps load that comes at once and goes at once
 * @param heat throttling under sustained load
 * @param drift slow change over days
 * @param churn restarts, lost links, late arrivals
 * @param measuring what stands between truth and a window's p95
 * @param probes what micro-probes show of a device's speed
 */
public record Conditions(
    Speeds speeds,
    Traffic traffic,
    Steps steps,
    Heat heat,
    Drift drift,
    Churn churn,
    Measuring measuring,
    Probes probes) {

  /**
   * Speeds.
   *
   * @param leastClassFactor fastest class's p95 over the ladder's latency
   * @param mostClassFactor slowest class's; classes are log-uniform between
   * @param classShape standard deviation of a class's log deviation at each rung
   * @param deviceSpread standard deviation of a device's log factor around its class
   * @param deviceShape standard deviation of a device's own log deviation at each rung
   * @param oddShare share of devices that are far off
   * @param leastOdd least log factor, up or down, of those
   * @param mostOdd most
   */
  public record Speeds(
      double leastClassFactor,
      double mostClassFactor,
      double classShape,
      double deviceSpread,
      double deviceShape,
      double oddShare,
      double leastOdd,
      double mostOdd) {}

  /**
   * Requests and the day's load.
   *
   * @param perSecond median over devices of the mean rate of requests
   * @param spread standard deviation of its logarithm over devices
   * @param dayLog log of the rate at its daily peak over its mean
   * @param idleShare share of windows without any request
   * @param mostLoadLog log load at the daily peak is uniform in 0..this
   */
  public record Traffic(
      double perSecond, double spread, double dayLog, double idleShare, double mostLoadLog) {}

  /**
   * Load steps: Poisson arrivals, exponential durations, log-uniform heights.
   *
   * @param perDay arrivals a day and device while none lasts
   * @param leastHeight least factor
   * @param mostHeight most
   * @param meanMinutes mean duration beyond {@code leastMinutes}
   * @param leastMinutes least duration
   */
  public record Steps(
      double perDay,
      double leastHeight,
      double mostHeight,
      double meanMinutes,
      double leastMinutes) {}

  /**
   * Throttling: heat follows the log load with a time constant, and slows the device between two
   * thresholds.
   *
   * @param classShare share of classes that throttle
   * @param leastSlowdown least factor when throttled
   * @param mostSlowdown most; drawn per class
   * @param minutes time constant of the heat
   * @param rampMinutes time constant of the slowdown
   * @param on heat from which it throttles
   * @param off heat below which it ends
   */
  public record Heat(
      double classShare,
      double leastSlowdown,
      double mostSlowdown,
      double minutes,
      double rampMinutes,
      double on,
      double off) {}

  /**
   * Drift, linear in time.
   *
   * @param spread standard deviation of the log drift a day
   * @param ageingShare share of devices that slow down
   * @param ageing their log drift a day
   */
  public record Drift(double spread, double ageingShare, double ageing) {}

  /**
   * Churn.
   *
   * @param restartsPerDay times a day that a device stops serving and starts again
   * @param restartMinutes mean time until it serves
   * @param lossesPerDay times a day that a link is lost, while the device serves on
   * @param lossMinutes mean time until it is back
   * @param lateShare share of devices that join at a uniform time of the run
   */
  public record Churn(
      double restartsPerDay,
      double restartMinutes,
      double lossesPerDay,
      double lossMinutes,
      double lateShare) {}

  /**
   * Measurement.
   *
   * @param tailIndex of the request latency's Pareto tail: p99 is {@code 5^(1/tailIndex)} times p95
   * @param windowNoise standard deviation of a window's log deviation beyond sampling
   * @param outlierShare share of windows in which something else disturbs
   * @param leastOutlier least factor then
   * @param mostOutlier most; log-uniform between
   */
  public record Measuring(
      double tailIndex,
      double windowNoise,
      double outlierShare,
      double leastOutlier,
      double mostOutlier) {}

  /**
   * Micro-probes: a device's show its speed, but for what requests meet beyond computing.
   *
   * @param knownShare share of devices whose agents run them
   * @param classDeviation standard deviation of the log error that a class's devices share
   * @param deviceDeviation standard deviation of a device's own log error
   */
  public record Probes(double knownShare, double classDeviation, double deviceDeviation) {}

  /** What benchmarks and the command use unless told otherwise. */
  public static Conditions usual() {
    return new Conditions(
        new Speeds(0.8, 16, 0.05, 0.12, 0.03, 0.02, 0.7, 1.6),
        new Traffic(5, 1.2, 1.0, 0.005, 0.15),
        new Steps(3, 1.15, 2, 45, 5),
        new Heat(0.5, 1.15, 1.6, 15, 3, 0.25, 0.12),
        new Drift(0.05, 0.05, 0.4),
        new Churn(0.5, 3, 1, 20, 0.2),
        new Measuring(6, 0.04, 0.003, 1.3, 3),
        new Probes(1, 0.15, 0.06));
  }

  /** Devices that differ in speed and nothing else: no noise, no load, no churn. */
  public static Conditions still() {
    return new Conditions(
        new Speeds(0.8, 16, 0, 0.12, 0, 0, 0.7, 1.6),
        new Traffic(20, 0, 0, 0, 0),
        new Steps(0, 1.15, 2, 45, 5),
        new Heat(0, 1.15, 1.6, 15, 3, 0.25, 0.12),
        new Drift(0, 0, 0),
        new Churn(0, 3, 0, 20, 0),
        new Measuring(1e9, 0, 0, 1.3, 3),
        new Probes(0, 0, 0));
  }

  /**
   * These with one figure changed.
   *
   * @param name as in {@code steps.perDay}: part and component
   * @throws IllegalArgumentException if there is no such figure, or it cannot have this value; the
   *     message is for the person who chose it
   */
  public Conditions with(String name, double value) {
    return ConditionNames.with(this, name, value);
  }

  /** Every figure by its name, in order. */
  public Map<String, Double> values() {
    return ConditionNames.values(this);
  }
}
