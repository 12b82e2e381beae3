package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Budget rules for people. */
final class BudgetTexts {
  private static final String NOTHING = "-";
  private static final String NO_LIMIT = "none";

  private BudgetTexts() {}

  /** A table in the order of the rules; a dash where a rule says nothing. */
  static String rules(List<BudgetRule> rules) {
    if (rules.isEmpty()) {
      return "there are no budget rules";
    }
    Table table = new Table("rule", "p95", "memory", "size", "accuracy", "devices");
    rules.forEach(
        rule -> {
          List<String> cells = new ArrayList<>(List.of(rule.getName()));
          cells.addAll(limits(rule.getLimits()));
          cells.add(selector(rule.getSelectorMap()));
          table.row(cells.toArray(String[]::new));
        });
    return table.toString();
  }

  private static List<String> limits(Limits limits) {
    return List.of(
        limits.hasP95LatencyNs()
            ? orNone(
                (double) limits.getP95LatencyNs(),
                String.format(Locale.ROOT, "%.2f ms", limits.getP95LatencyNs() / 1e6))
            : NOTHING,
        limits.hasMemoryBytes()
            ? orNone((double) limits.getMemoryBytes(), Figures.bytes(limits.getMemoryBytes()))
            : NOTHING,
        limits.hasSizeBytes()
            ? orNone((double) limits.getSizeBytes(), Figures.bytes(limits.getSizeBytes()))
            : NOTHING,
        limits.hasLeastAccuracy()
            ? orNone(
                limits.getLeastAccuracy(),
                String.format(Locale.ROOT, "%.1f %%", 100 * limits.getLeastAccuracy()))
            : NOTHING);
  }

  private static String orNone(double limit, String text) {
    return limit == 0 ? NO_LIMIT : text;
  }

  private static String selector(Map<String, String> selector) {
    return selector.isEmpty()
        ? "all"
        : selector.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(label -> label.getKey() + "=" + label.getValue())
            .collect(Collectors.joining(" "));
  }
}
