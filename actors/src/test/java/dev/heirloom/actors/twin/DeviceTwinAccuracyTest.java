package dev.heirloom.actors.twin;

import static dev.heirloom.actors.twin.TwinFixture.FIRST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FieldAccuracy;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.Flag;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Trial;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A device that may take 10.4 ms, serves rung 1 of six, and shall have nine of ten labels right.
 */
class DeviceTwinAccuracyTest {

  private static final Budget BUDGET = new Budget(10_400_000, 0, 0, 0.9);

  private long sequence = 1;

  @Test
  void tellsItsAccuracyInTheField() {
    try (TwinFixture fixture = serving()) {
      assertThat(fixture.status().fieldAccuracy()).isEmpty();
      window(fixture, 1, 30, 29);

      FieldAccuracy accuracy = fixture.status().fieldAccuracy().orElseThrow();
      assertThat(accuracy.rung()).isEqualTo(1);
      assertThat(accuracy.labels()).isEqualTo(30);
      assertThat(accuracy.estimate()).isEqualTo(29.0 / 30);
      assertThat(accuracy.lower()).isLessThan(accuracy.estimate());
    }
  }

  @Test
  void countsAWindowThatIsSentTwiceOnce() {
    try (TwinFixture fixture = serving()) {
      for (int i = 0; i < 3; i++) {
        fixture.report(Fixtures.seen(Fixtures.window(2, FIRST, 1, 2), 10, 9, 0.9, 0.3));
      }

      assertThat(fixture.status().fieldAccuracy()).map(FieldAccuracy::labels).contains(10L);
    }
  }

  @Test
  void aFlagIsSeenAndOutlivesAKillUntilAnOperatorLiftsIt() {
    try (TwinFixture fixture = serving()) {
      pin(fixture, 2);
      for (int i = 0; i < 4; i++) {
        window(fixture, 2, 20, 5);
      }
      Flag flag = fixture.status().flag().orElseThrow();
      assertThat(flag.kind()).isEqualTo(Flag.Kind.UNDER_FLOOR);
      assertThat(flag.since()).isEqualTo(TwinFixture.NOW);
      assertThat(flag.reason()).endsWith("; an operator holds the device on rung 2");
      assertThat(fixture.count(TwinEvent.Flagged.class)).isEqualTo(1);

      fixture.killAndRecover();
      assertThat(fixture.status().flag()).contains(flag);

      assertThat(liftFlag(fixture).flag()).isEmpty();
      liftFlag(fixture);
      assertThat(fixture.count(TwinEvent.FlagLifted.class)).isEqualTo(1);
    }
  }

  @Test
  void whatCameBeforeAnOperatorLiftedAFlagCountsNoMore() {
    try (TwinFixture fixture = serving()) {
      pin(fixture, 2);
      for (int i = 0; i < 4; i++) {
        window(fixture, 2, 20, 5);
      }
      liftFlag(fixture);
      for (int i = 0; i < 4; i++) {
        window(fixture, 2, 4, 1);
      }
      assertThat(fixture.status().flag()).as("16 labels").isEmpty();
      for (int i = 0; i < 4; i++) {
        window(fixture, 2, 4, 1);
      }
      assertThat(fixture.status().flag()).as("32 labels").isPresent();
    }
  }

  @Test
  void ordersATrialItselfWhereTheFloorIsInDoubtAndActsOnIt() {
    try (TwinFixture fixture = serving()) {
      fixture.installed(promote(fixture));
      for (int i = 0; i < LiveAccuracy.FIRST_TRIAL + 5; i++) {
        window(fixture, 4, 2, i % 5 == 0 ? 1 : 2);
      }
      ToDevice.TryOut order = fixture.device.expectMessageClass(ToDevice.TryOut.class);
      assertThat(order.rung()).isEqualTo(5);
      fixture.device.expectNoMessage();

      LatencySummary latency = new LatencySummary(200, 1, 2, 3, 4);
      fixture.twin.tell(
          new DeviceTwin.ReportTrial(
              new Trial(
                  order.trial(),
                  FIRST.manifest(),
                  5,
                  4,
                  "",
                  latency,
                  latency,
                  60,
                  52,
                  60,
                  50,
                  58)));
      window(fixture, 4, 0, 0);
      ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);
      assertThat(assign.rung()).isEqualTo(5);
      assertThat(assign.reason()).contains("on the same 60 labelled requests");
    }
  }

  private static TwinFixture serving() {
    TwinFixture fixture = TwinFixture.serving();
    fixture.setBudget(Optional.of(BUDGET));
    fixture.device.expectMessageClass(ToDevice.BudgetInForce.class);
    return fixture;
  }

  private ToDevice.Assign promote(TwinFixture fixture) {
    for (int i = 0; i < 3; i++) {
      window(fixture, 1, 0, 0);
    }
    return fixture.device.expectMessageClass(ToDevice.Assign.class);
  }

  private static void pin(TwinFixture fixture, int rung) {
    fixture.pin(rung);
    fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
  }

  private void window(TwinFixture fixture, int rung, int labelled, int correct) {
    sequence++;
    fixture.report(
        Fixtures.seen(
            Fixtures.window(sequence, FIRST, rung, 2.0 * rung), labelled, correct, 0.9, 0.3));
  }

  private static DeviceStatus liftFlag(TwinFixture fixture) {
    fixture.twin.tell(new DeviceTwin.LiftFlag(fixture.replies.getRef()));
    return fixture.replies.receiveMessage().getValue();
  }
}
