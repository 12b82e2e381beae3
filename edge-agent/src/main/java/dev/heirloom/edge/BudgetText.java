package dev.heirloom.edge;

import dev.heirloom.proto.v1.Budget;
import java.util.ArrayList;
import java.util.List;

/** A budget in words. */
final class BudgetText {
  private BudgetText() {}

  /**
   * For example {@code p95 5.00 ms, memory 64.0 MB}; {@code no limit} where nothing is asked for.
   */
  static String of(Budget budget) {
    List<String> limits = new ArrayList<>();
    if (budget.getP95LatencyNs() != 0) {
      limits.add("p95 %.2f ms".formatted(budget.getP95LatencyNs() / 1e6));
    }
    if (budget.getMemoryBytes() != 0) {
      limits.add("memory %.1f MB".formatted(budget.getMemoryBytes() / 1e6));
    }
    if (budget.getSizeBytes() != 0) {
      limits.add("size %.1f MB".formatted(budget.getSizeBytes() / 1e6));
    }
    if (budget.getLeastAccuracy() > 0) {
      limits.add("accuracy at least %.3f".formatted(budget.getLeastAccuracy()));
    }
    return limits.isEmpty() ? "no limit" : String.join(", ", limits);
  }
}
