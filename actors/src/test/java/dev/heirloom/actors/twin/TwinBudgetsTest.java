package dev.heirloom.actors.twin;

import static dev.heirloom.actors.fleet.Fixtures.budgetMs;
import static dev.heirloom.actors.twin.TwinFixture.FIRST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.actors.fleet.Origin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Budgets of rules, operators and agents as a twin applies them. */
class TwinBudgetsTest {
  private static final Map<String, String> NORTH = Map.of("site", "north");
  private static final DeviceProfile MOVED =
      new DeviceProfile("pi", 4, 0, List.of("CPU"), Map.of("site", "south"), "1.0", 2);

  private static Limits latencyMs(double ms) {
    return new Limits(Math.round(ms * 1e6), Limits.ABSENT, Limits.ABSENT, Limits.ABSENT);
  }

  private static Limits memory(long bytes) {
    return new Limits(Limits.ABSENT, bytes, Limits.ABSENT, Limits.ABSENT);
  }

  @Test
  void aRuleDecidesAtOnceOnADeviceThatIsOnline() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());

      DeviceStatus status = fixture.setRules(new BudgetRule("north", NORTH, latencyMs(5)));

      assertThat(status.budget()).isEqualTo(budgetMs(5));
      assertThat(status.origins())
          .containsEntry(LimitKind.P95_LATENCY, new Origin.Rule("north"))
          .containsEntry(LimitKind.MEMORY, Origin.OWN);
      assertThat(status.budgetSetByOperator()).isFalse();
      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
      fixture.device.expectMessage(new ToDevice.BudgetInForce(budgetMs(5)));
      assertThat(fixture.setRules().budget()).isEqualTo(budgetMs(10));
    }
  }

  @Test
  void aRuleThatDoesNotMatchChangesNothing() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.setRules(new BudgetRule("south", Map.of("site", "south"), latencyMs(1)));

      assertThat(fixture.status().budget()).isEqualTo(budgetMs(10));
      assertThat(fixture.count(TwinEvent.RulesMatched.class)).isZero();
      fixture.device.expectNoMessage();
    }
  }

  @Test
  void aDeviceTakesTheRulesWhenItJoins() {
    try (TwinFixture fixture = new TwinFixture()) {
      fixture.holdRules(new BudgetRule("north", NORTH, latencyMs(5)));
      fixture.enrol();
      assertThat(fixture.status().budget()).isEqualTo(budgetMs(5));
      fixture.connect(10, Serving.NOTHING);

      assertThat(fixture.status().budget()).isEqualTo(budgetMs(5));
    }
  }

  @Test
  void aDeviceTakesTheRulesThatChangedWhileItWasOffline() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.killAndRecover();
      fixture.holdRules(new BudgetRule("north", NORTH, memory(2_000_000)));
      fixture.connect(10, new Serving(FIRST.manifest().hex(), 4));

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
      assertThat(fixture.status().budget()).isEqualTo(new Budget(10_000_000, 2_000_000, 0, 0));
    }
  }

  @Test
  void aDeviceThatChangesItsLabelsChangesItsRules() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.setRules(new BudgetRule("south", Map.of("site", "south"), latencyMs(5)));
      fixture.enrol(MOVED);

      assertThat(fixture.device.expectMessageClass(ToDevice.BudgetInForce.class).budget())
          .isEqualTo(budgetMs(5));
      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
      fixture.enrol();
      assertThat(fixture.status().budget()).isEqualTo(budgetMs(10));
    }
  }

  @Test
  void anOperatorsLimitForTheDeviceStandsAboveRulesAndLeavesTheOthers() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.setRules(
          new BudgetRule("fleet", Map.of(), memory(3_000_000)),
          new BudgetRule("north", NORTH, latencyMs(5)));
      DeviceStatus set = fixture.setLimits(Optional.of(latencyMs(7)));

      assertThat(set.budget()).isEqualTo(new Budget(7_000_000, 3_000_000, 0, 0));
      assertThat(set.budgetSetByOperator()).isTrue();
      assertThat(set.origins())
          .containsEntry(LimitKind.P95_LATENCY, Origin.OPERATOR)
          .containsEntry(LimitKind.MEMORY, new Origin.Rule("fleet"));
      assertThat(fixture.setLimits(Optional.of(latencyMs(0))).budget().p95LatencyNs()).isZero();
      assertThat(fixture.setLimits(Optional.empty()).budget().p95LatencyNs()).isEqualTo(5_000_000);
    }
  }

  @Test
  void keepsTheRulesOfADeviceThroughARestart() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      DeviceStatus before = fixture.setRules(new BudgetRule("north", NORTH, latencyMs(5)));
      fixture.killAndRecover();

      assertThat(fixture.status().budget()).isEqualTo(before.budget());
      assertThat(fixture.status().origins()).isEqualTo(before.origins());
    }
  }

  @Test
  void namesByHowMuchTheBestRungMissesEachLimit() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      // The first window after a change is not counted.
      fixture.window(FIRST, 1, 21);
      fixture.window(FIRST, 1, 21);
      Limits impossible = new Limits(Limits.ABSENT, 400_000, 1_500_000, 0.95);
      DeviceStatus status = fixture.setLimits(Optional.of(impossible));

      assertThat(status.desiredRung()).isEqualTo(1);
      assertThat(status.misses())
          .containsExactly(
              new Miss(LimitKind.MEMORY, 400_000, 1_000_000),
              new Miss(LimitKind.SIZE, 1_500_000, 2_000_000),
              new Miss(LimitKind.P95_LATENCY, 10_000_000, 21_000_000),
              new Miss(LimitKind.ACCURACY, 0.95, 0.9));
      assertThat(status.decisions())
          .last()
          .extracting(Decision::reason)
          .isEqualTo(
              "even rung 1 needs 1.00 MB of memory, 0.60 MB over the limit 0.40 MB, and needs"
                  + " 2.00 MB of blobs, 0.50 MB over the limit 1.50 MB, and is expected at 21.0 ms,"
                  + " 11.0 ms over the budget of 10.0 ms; its accuracy of 90.0 % is 5.0"
                  + " points under the 95.0 % asked for, because other limits go first");
      assertThat(fixture.setLimits(Optional.of(Limits.of(Budget.NONE))).misses()).isEmpty();
    }
  }
}
