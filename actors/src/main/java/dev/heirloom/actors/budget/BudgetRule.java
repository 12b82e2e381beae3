package dev.heirloom.actors.budget;

import dev.heirloom.actors.fleet.Limits;
import java.util.Comparator;
import java.util.Map;

/**
 * Limits for every device that has certain labels. Persisted as it is.
 *
 * @param name unique among the rules; 1..128 letters, digits, '.', '_' or '-'
 * @param selector labels that a device must have; empty for every device; at most 64
 * @param limits at least one is set
 */
public record BudgetRule(String name, Map<String, String> selector, Limits limits) {

  /** The more labels a rule asks for, the earlier it is heard; then by name. */
  static final Comparator<BudgetRule> PRECEDENCE =
      Comparator.comparingInt((BudgetRule rule) -> -rule.selector().size())
          .thenComparing(BudgetRule::name);

  private static final int MOST_LABELS = 64;
  private static final int MOST_CHARACTERS = 256;

  public BudgetRule {
    if (!name.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new IllegalArgumentException(
          "name: not one (expected: 1..128 letters, digits, '.', '_' or '-')");
    }
    if (selector.size() > MOST_LABELS) {
      throw new IllegalArgumentException(
          "selector: " + selector.size() + " labels (expected: at most " + MOST_LABELS + ")");
    }
    selector.forEach(
        (key, value) -> {
          if (key.isEmpty() || Math.max(key.length(), value.length()) > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                "selector: a label of another length (expected: at most "
                    + MOST_CHARACTERS
                    + " characters, and a key)");
          }
        });
    if (limits.none()) {
      throw new IllegalArgumentException("limits: none (expected: 1 or more)");
    }
    selector = Map.copyOf(selector);
  }
}
