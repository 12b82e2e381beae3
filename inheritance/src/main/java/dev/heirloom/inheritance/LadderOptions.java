package dev.heirloom.inheritance;

import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Which rungs a family shall have.
 *
 * @param rungs how many at most, 1..32; without meaning where the ladder is given
 * @param cost what ranks are priced in
 * @param sizes shares of the teacher's parameters, above 0: for each of them one rung comes as near
 *     to it as a rung can, as long as there is room for it
 * @param budgetParameters for each of them one rung is the largest with at most this share of the
 *     teacher's parameters, above 0 and below 1
 * @param budgetLatencyNs one rung is the largest that takes at most so long for one sample on one
 *     thread
 * @param given ranks by layer name, one map per rung, smallest first; empty: the ladder is chosen
 */
public record LadderOptions(
    int rungs,
    Cost cost,
    List<Double> sizes,
    List<Double> budgetParameters,
    OptionalLong budgetLatencyNs,
    List<Map<String, Integer>> given) {

  /** The sizes that operators ask for first: half, a third and a fifth of a teacher. */
  public static final List<Double> USUAL_SIZES = List.of(0.5, 0.35, 0.2);

  public LadderOptions {
    if (rungs < 1 || rungs > 32) {
      throw new IllegalArgumentException("rungs: " + rungs + " (expected: 1..32)");
    }
    // In an order that every process has: work is gone on with under settings of the same words.
    given = given.stream().map(LadderOptions::sorted).toList();
    sizes = List.copyOf(sizes);
    budgetParameters = List.copyOf(budgetParameters);
    for (double share : budgetParameters) {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException(
            "budget-parameters: " + share + " (expected: above 0 and below 1)");
      }
    }
    if (budgetParameters.size() + (budgetLatencyNs.isPresent() ? 1 : 0) > rungs) {
      throw new IllegalArgumentException(
          "rungs: " + rungs + " (expected: at least one for each budget)");
    }
    budgetLatencyNs.ifPresent(
        time -> {
          if (time <= 0) {
            throw new IllegalArgumentException("budget-latency: not above 0");
          }
        });
  }

  private static Map<String, Integer> sorted(Map<String, Integer> ranks) {
    return Collections.unmodifiableMap(new TreeMap<>(ranks));
  }

  /** Rungs of the usual sizes, and more spread over measured time and parameters. */
  public static LadderOptions of(int rungs) {
    return new LadderOptions(
        rungs, Cost.LATENCY, USUAL_SIZES, List.of(), OptionalLong.empty(), List.of());
  }

  /** The same with other sizes, shares of the teacher's parameters. */
  public LadderOptions near(List<Double> others) {
    return new LadderOptions(rungs, cost, others, budgetParameters, budgetLatencyNs, given);
  }

  /** One rung that is the largest with at most a share of the teacher's parameters. */
  static LadderOptions single(Cost cost, double share) {
    return new LadderOptions(1, cost, List.of(), List.of(share), OptionalLong.empty(), List.of());
  }

  /** The rungs of a family of the same network, whatever they cost. */
  public static LadderOptions of(Manifest family) {
    List<Map<String, Integer>> rungs = new ArrayList<>();
    for (Rung rung : family.getRungsList()) {
      Map<String, Integer> ranks = new LinkedHashMap<>();
      for (int i = 0; i < family.getLayersCount(); i++) {
        ranks.put(family.getLayers(i).getName(), rung.getRanks(i));
      }
      rungs.add(ranks);
    }
    return given(rungs);
  }

  /** These very rungs, whatever they cost. */
  public static LadderOptions given(List<Map<String, Integer>> rungs) {
    return new LadderOptions(
        Math.max(1, Math.min(32, rungs.size())),
        Cost.LATENCY,
        List.of(),
        List.of(),
        OptionalLong.empty(),
        rungs);
  }
}
