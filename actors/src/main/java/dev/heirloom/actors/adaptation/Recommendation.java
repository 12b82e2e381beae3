package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Miss;
import java.util.List;

/**
 * The rung that suits a device that has measured nothing yet.
 *
 * @param rung from 1
 * @param latency expected request p95, and how sure that is
 * @param misses limits of the budget that are expected to be missed, and by how much; with nothing
 *     known of the device's speed the latency counts as met
 * @param reason one sentence with its numbers
 */
public record Recommendation(int rung, ExpectedLatency latency, List<Miss> misses, String reason) {

  public Recommendation {
    misses = List.copyOf(misses);
  }

  /** Expected request p95 in ns; 0 where it cannot be told. */
  public long expectedP95Ns() {
    return latency.p95Ns();
  }

  /** Whether every limit of the budget is expected to be met. */
  public boolean feasible() {
    return misses.isEmpty();
  }
}
