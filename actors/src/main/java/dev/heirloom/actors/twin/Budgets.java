package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Budget;
import java.util.List;

/**
 * Who asks for what of a device.
 *
 * @param agent what the agent was given
 * @param operator what an operator set above it; empty where none did
 */
public record Budgets(Budget agent, List<Budget> operator) {

  static final Budgets NONE = new Budgets(Budget.NONE, List.of());

  public Budgets {
    operator = List.copyOf(operator);
  }

  Budget inForce() {
    return operator.isEmpty() ? agent : operator.get(0);
  }

  boolean setByOperator() {
    return !operator.isEmpty();
  }

  Budgets with(TwinEvent.BudgetSet event) {
    return event.byOperator()
        ? new Budgets(agent, List.of(event.budget()))
        : new Budgets(event.budget(), operator);
  }

  Budgets released() {
    return new Budgets(agent, List.of());
  }
}
