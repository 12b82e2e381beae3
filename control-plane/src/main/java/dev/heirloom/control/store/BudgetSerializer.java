package dev.heirloom.control.store;

import dev.heirloom.actors.budget.BudgetSerializable;

/** Writes what the book of budget rules persists. */
public final class BudgetSerializer extends CborSerializer<BudgetSerializable> {
  private static final int IDENTIFIER = 48_102;

  /** Created by Pekko, once per system. */
  public BudgetSerializer() {
    super(IDENTIFIER, "what the book of rules persists", BudgetSerializable.NAMES, Completion.NONE);
  }
}
