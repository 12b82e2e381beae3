package dev.heirloom.actors.adaptation;

import static dev.heirloom.actors.fleet.Fixtures.budgetMs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.runtime.family.Ladder;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every device here takes twice the ladder's latency: 2k ms at rung k. */
class RaiseTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 6);
  private static final Ladder LADDER = FAMILY.ladder();
  private static final ClassPrior TWICE = new ClassPrior(Math.log(2), 3);

  private final RankPolicy policy = new HeadroomPolicy();

  @Test
  void takesTheLeastRungThatIsAccurateEnough() {
    Verdict verdict = policy.raise(terms(budgetMs(20)), on(2), 0.925, "why");

    assertThat(verdict.choice()).contains(new Choice(4, "why: rung 4 is expected at 8.00 ms"));
    assertThat(verdict.next().rung()).isEqualTo(4);
  }

  @Test
  void takesARungWhereItIsExpectedToStay() {
    assertThat(raised(budgetMs(10.8), 4, 0)).contains(5);
    assertThat(raised(budgetMs(10.1), 4, 0)).isEmpty();
  }

  @Test
  void keepsToMemoryAndSize() {
    assertThat(raised(new Budget(0, 3_500_000, 0, 0), 2, 0.915)).contains(3);
    assertThat(raised(new Budget(0, 3_500_000, 0, 0), 3, 0)).isEmpty();
    assertThat(raised(new Budget(0, 0, 6_000_000, 0), 3, 0)).isEmpty();
  }

  @Test
  void neverTakesARungThatIsBlockedOrNotLarger() {
    Terms terms = new Terms(LADDER, Fixtures.PROFILE, Budget.NONE, TWICE, Set.of(5));

    assertThat(policy.raise(terms, on(4), 0, "").choice().map(Choice::rung)).contains(6);
    assertThat(raised(Budget.NONE, 6, 0)).isEmpty();
    assertThat(raised(Budget.NONE, 3, 0.96)).isEmpty();
  }

  @Test
  void waitsUntilSomethingIsKnownOfTheDevice() {
    Terms unknown = new Terms(LADDER, Fixtures.PROFILE, budgetMs(20), ClassPrior.NONE, Set.of());

    assertThat(policy.raise(unknown, on(2), 0, "").choice()).isEmpty();
  }

  @Test
  void doesNotRetryARungThatBrokeTheBudget() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(50, rung -> rung >= 4 ? 3.0 * rung : 2.0 * rung);
    assertThat(device.rung()).isEqualTo(3);

    Verdict verdict = policy.raise(device.terms(), device.state, 0, "");

    assertThat(verdict.choice()).isEmpty();
  }

  private Optional<Integer> raised(Budget budget, int rung, double least) {
    return policy.raise(terms(budget), on(rung), least, "").choice().map(Choice::rung);
  }

  private static Terms terms(Budget budget) {
    return new Terms(LADDER, Fixtures.PROFILE, budget, TWICE, Set.of());
  }

  /** A device on a rung, whose first window there has passed. */
  private static PolicyState on(int rung) {
    PolicyState moved = PolicyState.BLANK.movedTo(rung);
    return new HeadroomPolicy()
        .learn(terms(Budget.NONE), moved, Fixtures.window(2, FAMILY, rung, 2.0 * rung));
  }
}
