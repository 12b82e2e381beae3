package dev.heirloom.actors.twin;

import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.ResolvedBudget;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Origin;
import java.util.List;

/**
 * Who asks for what of a device.
 *
 * @param agent what the agent was given
 * @param operator what an operator set above it for this device; empty where none did
 * @param rules those that the device matched when it was last told, in their order
 */
public record Budgets(Budget agent, List<Limits> operator, List<BudgetRule> rules) {

  static final Budgets NONE = new Budgets(Budget.NONE, List.of(), List.of());

  public Budgets {
    operator = List.copyOf(operator);
    rules = List.copyOf(rules);
  }

  ResolvedBudget resolved() {
    return ResolvedBudget.of(operator.stream().findFirst(), Origin.OPERATOR, rules, agent);
  }

  Budget inForce() {
    return resolved().budget();
  }

  boolean setByOperator() {
    return !operator.isEmpty();
  }

  /** An operator's budget of an older journal set all four limits. */
  Budgets with(TwinEvent.BudgetSet event) {
    return event.byOperator()
        ? with(Limits.of(event.budget()))
        : new Budgets(event.budget(), operator, rules);
  }

  Budgets with(Limits limits) {
    return new Budgets(agent, List.of(limits), rules);
  }

  Budgets released() {
    return new Budgets(agent, List.of(), rules);
  }

  Budgets with(List<BudgetRule> matching) {
    return new Budgets(agent, operator, matching);
  }
}
