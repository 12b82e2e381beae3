package dev.heirloom.inheritance;

import dev.heirloom.inheritance.ladder.Cost;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Which rungs a family shall have.
 *
 * @param rungs how many at most, 1..32
 * @param cost what ranks are priced in
 * @param budgetParameters one rung is the largest with at most this share of the teacher's
 *     parameters, above 0 and below 1
 * @param budgetLatencyNs one rung is the largest that takes at most so long for one sample on one
 *     thread
 */
public record LadderOptions(
    int rungs, Cost cost, OptionalDouble budgetParameters, OptionalLong budgetLatencyNs) {

  public LadderOptions {
    if (rungs < 1 || rungs > 32) {
      throw new IllegalArgumentException("rungs: " + rungs + " (expected: 1..32)");
    }
    budgetParameters.ifPresent(
        share -> {
          if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                "budget-parameters: " + share + " (expected: above 0 and below 1)");
          }
        });
    budgetLatencyNs.ifPresent(
        time -> {
          if (time <= 0) {
            throw new IllegalArgumentException("budget-latency: not above 0");
          }
        });
  }

  /** Rungs spread over measured time. */
  public static LadderOptions of(int rungs) {
    return new LadderOptions(rungs, Cost.LATENCY, OptionalDouble.empty(), OptionalLong.empty());
  }
}
