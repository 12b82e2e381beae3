package dev.heirloom.actors.simulation;

import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.adaptation.RankPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every strategy that is known by a name. */
public final class Strategies {

  /** Name of Heirloom's own. */
  public static final String HEIRLOOM = "heirloom";

  /** Name of the one that knows everything. */
  public static final String ORACLE = "oracle";

  /** Name of the one that knows everything and is held to 1 % of windows over budget. */
  public static final String HELD_ORACLE = "oracle-held";

  private Strategies() {}

  /**
   * All of them: Heirloom's own first, the oracles last; fixed ones at the ladder's ends and
   * middle.
   */
  public static List<Strategy> all(int rungs) {
    List<Strategy> all = new ArrayList<>();
    all.add(policy(HEIRLOOM, new HeadroomPolicy()));
    all.add(new FixedRung(1));
    if (rungs > 2) {
      all.add(new FixedRung((rungs + 1) / 2));
    }
    if (rungs > 1) {
      all.add(new FixedRung(rungs));
    }
    all.add(new AdditiveIncrease());
    all.add(new HillClimb());
    all.add(new ClassTable());
    all.add(new HeldOracle());
    all.add(new Oracle(0));
    return all;
  }

  /** A rank policy as a strategy. */
  public static Strategy policy(String name, RankPolicy policy) {
    return new PolicyStrategy(name, policy);
  }

  /**
   * The oracle, but with some headroom under the budget: what could be had at best if it were known
   * how fast a device will be, but not what it will measure.
   *
   * @param percent 1..100, the same everywhere
   */
  public static Strategy oracle(int percent) {
    if (percent < 1 || percent > Oracle.MOST_PERCENT) {
      throw new IllegalArgumentException("percent: " + percent + " (expected: 1..100)");
    }
    return new Oracle(percent);
  }

  /**
   * The one of a name; {@code rung-K} for any rung of the ladder, {@code oracle-P} for any headroom
   * in per cent.
   *
   * @param rungs of the ladder
   */
  public static Optional<Strategy> named(String name, int rungs) {
    for (int rung = 1; rung <= rungs; rung++) {
      FixedRung fixed = new FixedRung(rung);
      if (fixed.name().equals(name)) {
        return Optional.of(fixed);
      }
    }
    for (int percent = 1; percent <= Oracle.MOST_PERCENT; percent++) {
      if (oracle(percent).name().equals(name)) {
        return Optional.of(oracle(percent));
      }
    }
    return all(rungs).stream().filter(strategy -> strategy.name().equals(name)).findFirst();
  }
}
