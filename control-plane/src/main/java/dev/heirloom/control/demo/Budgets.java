package dev.heirloom.control.demo;

import dev.heirloom.runtime.family.Ladder;
import java.util.List;

/**
 * Latency budgets from what the fleet measured. A rung's request p95 is expected on the straight
 * line, over the latency that the ladder gives, through what was observed at the smallest and at
 * the top rung.
 */
public final class Budgets {
  /** The rank policy enters a rung that is expected to use no more than this share of a budget. */
  static final double ENTERED_AT = 0.85;

  /** Times the top rung's latency: room for whatever else the machine does. */
  private static final double ROOMY = 25;

  /**
   * How far a budget lies from the rung that it is for towards the next one, which it is not for.
   */
  private static final double TOWARDS_NEXT = 0.7;

  private final Ladder ladder;

  public Budgets(Ladder ladder) {
    this.ladder = ladder;
  }

  /** Room for every rung, in ns. */
  public long roomyNs() {
    return Math.round(ROOMY * ladder.top().latencyP50Ns());
  }

  /**
   * Room for a rung, but not for the next larger one, in ns.
   *
   * @param rung below the top one
   * @param smallestP95Ns request p95s that were observed at the smallest rung
   * @param topP95Ns request p95s that were observed at the top rung
   */
  public long roomForNs(int rung, List<Long> smallestP95Ns, List<Long> topP95Ns) {
    Line line = new Line(cost(1), median(smallestP95Ns), cost(ladder.size()), median(topP95Ns));
    double own = line.at(cost(rung));
    double next = line.at(cost(rung + 1));
    return Math.round(own * Math.pow(next / own, TOWARDS_NEXT) / ENTERED_AT);
  }

  private double cost(int rung) {
    return ladder.rung(rung).latencyP50Ns();
  }

  private static double median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  /** Through two points; through the origin and the second where the first lies above it. */
  private record Line(double x1, double y1, double x2, double y2) {
    double at(double x) {
      return y1 < y2 ? y1 + (y2 - y1) * (x - x1) / (x2 - x1) : y2 * x / x2;
    }
  }
}
