package dev.heirloom.actors.simulation;

/** Slows a device down when it was under load for long, until it has cooled. */
final class Throttle {

  private static final double COLD_CELSIUS = 45;
  private static final double CELSIUS_PER_HEAT = 120;

  private final Conditions.Heat conditions;
  private final double throttledLog;
  private final double heatGain;
  private final double rampGain;
  private double heat;
  private double log;
  private boolean on;

  /**
   * @param throttledLog log slowdown; 0 where the device never throttles
   */
  Throttle(Conditions.Heat conditions, double throttledLog, double windowMinutes) {
    this.conditions = conditions;
    this.throttledLog = throttledLog;
    this.heatGain = -Math.expm1(-windowMinutes / conditions.minutes());
    this.rampGain = -Math.expm1(-windowMinutes / conditions.rampMinutes());
  }

  /** Goes on to the next window, under a log load. */
  void next(double loadLog) {
    if (throttledLog == 0) {
      return;
    }
    heat += heatGain * (loadLog - heat);
    on = on ? heat > conditions.off() : heat > conditions.on();
    log += rampGain * ((on ? throttledLog : 0) - log);
  }

  /** Log slowdown of this window. */
  double log() {
    return log;
  }

  /** What a sensor shows; NaN on a device that never throttles, which has none. */
  double celsius() {
    return throttledLog == 0 ? Double.NaN : COLD_CELSIUS + CELSIUS_PER_HEAT * heat;
  }
}
