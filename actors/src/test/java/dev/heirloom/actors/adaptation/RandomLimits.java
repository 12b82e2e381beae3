package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import java.util.Random;

/** Limits that are drawn, about as large as the rungs of a drawn ladder. */
final class RandomLimits {

  private RandomLimits() {}

  /**
   * A budget, each limit of which may be absent.
   *
   * @param leastAccuracy the smallest that an accuracy is asked for from
   */
  static Budget budget(Random random, double leastAccuracy) {
    return new Budget(
        limit(random, 30_000_000),
        limit(random, 14_000_000),
        limit(random, 28_000_000),
        random.nextInt(3) == 0 ? leastAccuracy + (1 - leastAccuracy) * random.nextDouble() : 0);
  }

  /** A limit that nothing within {@code limit} breaks. */
  static long more(long limit, Random random) {
    return limit == 0 || random.nextInt(5) == 0 ? 0 : limit + random.nextInt(20_000_000);
  }

  private static long limit(Random random, int most) {
    return random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(most);
  }
}
