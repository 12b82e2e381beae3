package dev.heirloom.actors.budget;

/**
 * What happened to the rules, as the journal keeps it for ever: the audit log. {@code atMs} is the
 * control plane's clock in ms since 1970.
 */
public sealed interface BudgetEvent extends BudgetSerializable {

  /** When it happened, in ms since 1970. */
  long atMs();

  /** A rule was made, or took the place of the one of the same name. */
  record RuleSet(long atMs, BudgetRule rule) implements BudgetEvent {}

  /** A rule was removed. */
  record RuleRemoved(long atMs, String name) implements BudgetEvent {}
}
