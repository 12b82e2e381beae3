package dev.heirloom.actors.budget;

import java.util.Map;

/** What the book of rules persists: records of JDK types, numbers and strings. */
public sealed interface BudgetSerializable permits BudgetEvent, BudgetRules {

  /** The stable name of every persisted type; a name once released keeps its meaning. */
  Map<String, Class<? extends BudgetSerializable>> NAMES =
      Map.of(
          "rule-set", BudgetEvent.RuleSet.class,
          "rule-removed", BudgetEvent.RuleRemoved.class,
          "rules", BudgetRules.class);
}
