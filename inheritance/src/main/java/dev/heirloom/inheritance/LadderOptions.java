package dev.heirloom.inheritance;

import dev.heirloom.inheritance.ladder.Cost;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Which rungs a family shall have.
 *
 * @param rungs how many at most, 1..32; without meaning where the ladder is given
 * @param cost what ranks are priced in
 * @param budgetParameters one rung is the largest with at most this share of the teacher's
 *     parameters, above 0 and below 1
 * @param budgetLatencyNs one rung is the largest that takes at most so long for one sample on one
 *     thread
 * @param given ranks by layer name, one map per rung, smallest first; empty: the ladder is chosen
 */
public record LadderOptions(
    int rungs,
    Cost cost,
    OptionalDouble budgetParameters,
    OptionalLong budgetLatencyNs,
    List<Map<String, Integer>> given) {

  public LadderOptions {
    if (rungs < 1 || rungs > 32) {
      throw new IllegalArgumentException("rungs: " + rungs + " (expected: 1..32)");
    }
    given = given.stream().map(Map::copyOf).toList();
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
    return new LadderOptions(
        rungs, Cost.LATENCY, OptionalDouble.empty(), OptionalLong.empty(), List.of());
  }

  /** One rung that is the largest with at most a share of the teacher's parameters. */
  static LadderOptions single(Cost cost, double share) {
    return new LadderOptions(1, cost, OptionalDouble.of(share), OptionalLong.empty(), List.of());
  }

  /** These very rungs, whatever they cost. */
  public static LadderOptions given(List<Map<String, Integer>> rungs) {
    return new LadderOptions(
        Math.max(1, Math.min(32, rungs.size())),
        Cost.LATENCY,
        OptionalDouble.empty(),
        OptionalLong.empty(),
        rungs);
  }
}
