package dev.heirloom.actors.budget;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Origin;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The budget in force, and who asked for each of its limits. Each limit is settled by itself: an
 * operator's for the one device is heard first, then the rules in their order, then its own.
 *
 * @param budget the limits in force
 * @param origins who asked for each of them
 */
public record ResolvedBudget(Budget budget, Map<LimitKind, Origin> origins) {

  public ResolvedBudget {
    origins = Map.copyOf(origins);
  }

  /**
   * Settles who is heard.
   *
   * @param first what stands above the rules; empty where nothing does
   * @param firstOrigin who asked for that
   * @param rules that match, in their order
   * @param own what stands below them
   */
  public static ResolvedBudget of(
      Optional<Limits> first, Origin firstOrigin, List<BudgetRule> rules, Budget own) {
    Map<LimitKind, Origin> origins = new EnumMap<>(LimitKind.class);
    Limits heard = heard(Limits.NONE, first.orElse(Limits.NONE), firstOrigin, origins);
    for (BudgetRule rule : rules) {
      heard = heard(heard, rule.limits(), new Origin.Rule(rule.name()), origins);
    }
    return new ResolvedBudget(
        heard(heard, Limits.of(own), Origin.OWN, origins).toBudget(), origins);
  }

  private static Limits heard(
      Limits before, Limits next, Origin origin, Map<LimitKind, Origin> origins) {
    for (LimitKind kind : LimitKind.values()) {
      if (next.get(kind).isPresent()) {
        origins.putIfAbsent(kind, origin);
      }
    }
    return before.or(next);
  }
}
