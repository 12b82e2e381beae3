package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.runtime.family.RungFigures;

/** What a budget asks for and the best rung does not give, as operators read it. */
final class Shortfall {

  private Shortfall() {}

  /** Why no rung fits: by how much the smallest misses memory or size. */
  static String ofMemoryOrSize(Terms terms) {
    int smallest = terms.installable().get(0);
    RungFigures figures = terms.ladder().rung(smallest);
    Budget budget = terms.budget();
    if (over(figures.memoryBytes(), budget.memoryBytes())) {
      return miss(smallest, figures.memoryBytes(), "memory", budget.memoryBytes(), "limit");
    }
    if (over(figures.memoryBytes(), terms.profile().memoryBytes())) {
      return miss(
          smallest, figures.memoryBytes(), "memory", terms.profile().memoryBytes(), "device's");
    }
    return miss(smallest, figures.sizeBytes(), "blobs", budget.sizeBytes(), "limit");
  }

  /** What a rung lacks in accuracy, to be appended to a reason; empty where it lacks nothing. */
  static String ofAccuracy(Terms terms, int rung) {
    return terms.accurate(rung)
        ? ""
        : "; its accuracy of "
            + Phrases.percent(terms.ladder().rung(rung).accuracy())
            + " is under the "
            + Phrases.percent(terms.budget().leastAccuracy())
            + " asked for, because other limits go first";
  }

  private static boolean over(long value, long limit) {
    return limit > 0 && value > limit;
  }

  private static String miss(int rung, long value, String what, long limit, String whose) {
    return "even rung "
        + rung
        + " needs "
        + Phrases.megabytes(value)
        + " of "
        + what
        + ", "
        + Phrases.megabytes(value - limit)
        + " over the "
        + whose
        + " "
        + Phrases.megabytes(limit);
  }
}
