package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.runtime.family.Ladder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** Applies a policy to the windows of a device whose p95 per rung is given. */
final class SimulatedDevice {

  final List<Choice> choices = new ArrayList<>();
  final Ladder ladder;
  private final PublishedFamily family;
  private final RankPolicy policy = new HeadroomPolicy();
  private final ClassPrior prior;
  Set<Integer> blocked = Set.of();
  Budget budget;
  PolicyState state = PolicyState.BLANK;
  private long sequence = 1;

  SimulatedDevice(int rungs, Budget budget, ClassPrior prior) {
    family = Fixtures.family("f", "1", rungs);
    ladder = family.ladder();
    this.budget = budget;
    this.prior = prior;
    apply(policy.first(terms(), state));
  }

  static SimulatedDevice unknown(int rungs, double budgetMs) {
    return new SimulatedDevice(rungs, Fixtures.budgetMs(budgetMs), ClassPrior.NONE);
  }

  Terms terms() {
    return new Terms(ladder, Fixtures.PROFILE, budget, prior, blocked);
  }

  int rung() {
    return state.rung();
  }

  Choice last() {
    return choices.get(choices.size() - 1);
  }

  void windows(int count, IntToDoubleFunction p95MsAtRung) {
    for (int i = 0; i < count; i++) {
      window(p95MsAtRung.applyAsDouble(rung()), 100);
    }
  }

  void window(double p95Ms, long requests) {
    sequence++;
    apply(
        policy.decide(terms(), state, Fixtures.window(sequence, family, rung(), p95Ms, requests)));
  }

  void changeBudget(Budget next) {
    budget = next;
    apply(policy.termsChanged(terms(), state));
  }

  private void apply(Verdict verdict) {
    state = verdict.next();
    verdict.choice().ifPresent(choices::add);
  }
}
