package dev.heirloom.actors.twin;

import static dev.heirloom.actors.fleet.Fixtures.budgetMs;
import static dev.heirloom.actors.twin.TwinFixture.FIRST;
import static dev.heirloom.actors.twin.TwinFixture.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.prior.ClassPriors;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.Test;

class DeviceTwinTest {

  @Test
  void assignsTheFirstRungWhenADeviceConnects() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      DeviceStatus status = fixture.status();

      assertThat(status.online()).isTrue();
      assertThat(status.family()).contains("digits");
      assertThat(status.manifest()).contains(FIRST.manifest());
      assertThat(status.desiredRung()).isEqualTo(1);
      assertThat(status.reportedRung()).isEqualTo(1);
      assertThat(status.decisions())
          .singleElement()
          .satisfies(
              decision -> {
                assertThat(decision.fromRung()).isZero();
                assertThat(decision.toRung()).isEqualTo(1);
                assertThat(decision.outcome()).map(Outcome::wireBytes).contains(1100L);
              });
    }
  }

  @Test
  void startsADeviceOfAKnownClassOnTheRungThatItsClassIsExpectedToBear() {
    try (TwinFixture fixture = new TwinFixture()) {
      ClassKey key = ClassKey.of(Fixtures.PROFILE);
      fixture.priors.tell(new ClassPriors.Observe(key, "f", "cam-9", Math.log(2)));
      fixture.catalogue.publish(FIRST);
      fixture.enrol();
      fixture.connect(10, Serving.NOTHING);

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(4);
    }
  }

  @Test
  void assignsWhenTheFirstFamilyIsPublishedAfterTheDeviceConnected() {
    try (TwinFixture fixture = new TwinFixture()) {
      fixture.enrol();
      fixture.connect(10, Serving.NOTHING);

      fixture.catalogue.publish(FIRST);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(FIRST));

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).manifest())
          .isEqualTo(FIRST.manifest());
    }
  }

  @Test
  void promotesOnEvidenceAndTeachesTheClass() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      ToDevice.Assign assign = fixture.promote();

      assertThat(assign.rung()).isEqualTo(4);
      assertThat(assign.reason()).contains("rung 4 is expected at 8.00 ms");
      assertThat(fixture.persisted(TwinEvent.Promoted.class).fromRung()).isEqualTo(1);
      var prior = fixture.kit.<ClassPrior>createTestProbe();
      fixture.priors.tell(
          new ClassPriors.GetPrior(ClassKey.of(Fixtures.PROFILE), "f", prior.getRef()));
      assertThat(prior.receiveMessage().logRatio()).isEqualTo(Math.log(2));
    }
  }

  @Test
  void demotesWhenAWindowIsOverBudget() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.window(FIRST, 4, 8);
      fixture.window(FIRST, 4, 16);

      ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);

      assertThat(assign.rung()).isEqualTo(2);
      assertThat(fixture.persisted(TwinEvent.Demoted.class).toRung()).isEqualTo(2);
    }
  }

  @Test
  void ignoresWindowsThatItSawOrThatANewerOneOvertook() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int i = 0; i < 5; i++) {
        fixture.twin.tell(
            new DeviceTwin.ReportWindow(
                Fixtures.window(2, FIRST, 1, 2), TwinFixture.REPORTER, fixture.taken.getRef()));
      }

      assertThat(fixture.status().decisions()).hasSize(1);
    }
  }

  @Test
  void ignoresWindowsOfAnotherVersion() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int i = 0; i < 5; i++) {
        fixture.window(SECOND, 1, 2);
      }

      assertThat(fixture.status().decisions()).hasSize(1);
      assertThat(fixture.status().lastWindow()).isPresent();
    }
  }

  @Test
  void recordsOnceThatTheBudgetCannotBeMet() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int i = 0; i < 6; i++) {
        fixture.window(FIRST, 1, 20);
      }

      assertThat(fixture.status().decisions())
          .last()
          .satisfies(
              decision -> {
                assertThat(decision.fromRung()).isEqualTo(1);
                assertThat(decision.toRung()).isEqualTo(1);
                assertThat(decision.reason()).contains("over the budget of 10.0 ms by 10.0 ms");
              });
      assertThat(fixture.count(TwinEvent.BudgetUnmet.class)).isEqualTo(1);
      fixture.device.expectNoMessage();
    }
  }

  @Test
  void theNewestStreamWins() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      TestProbe<ToDevice> older = fixture.device;
      fixture.connect(10, new Serving(FIRST.manifest().hex(), 1));

      older.expectMessage(new ToDevice.Replaced());
      fixture.twin.tell(new DeviceTwin.Disconnected(older.getRef()));

      assertThat(fixture.status().online()).isTrue();
    }
  }

  @Test
  void isOfflineWhenItsSessionEnds() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.twin.tell(new DeviceTwin.Disconnected(fixture.device.getRef()));

      assertThat(fixture.status().online()).isFalse();
    }
  }

  @Test
  void isOfflineWhenItsSessionDies() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      TestProbe<DeviceStatus> statuses = fixture.kit.createTestProbe();
      fixture.topic.tell(Topic.subscribe(statuses.getRef()));
      fixture.device.stop();

      statuses.fishForMessage(
          Duration.ofSeconds(5),
          status ->
              status.online() ? FishingOutcomes.continueAndIgnore() : FishingOutcomes.complete());
    }
  }

  @Test
  void tellsTheDesiredRungAgainUntilItIsServed() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      ToDevice.Assign told = fixture.promote();
      fixture.connect(10, new Serving(FIRST.manifest().hex(), 1));

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class)).isEqualTo(told);

      fixture.connect(10, new Serving(FIRST.manifest().hex(), 4));
      fixture.device.expectNoMessage();
    }
  }

  @Test
  void staysWithItsFamilyWhenAnotherIsPublished() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      var other = Fixtures.family("letters", "1", 3);
      fixture.catalogue.publish(other);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(other));
      fixture.connect(10, new Serving(FIRST.manifest().hex(), 1));

      fixture.device.expectNoMessage();
    }
  }

  @Test
  void startsANewVersionOnTheRungThatTheDeviceIsKnownToBear() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.catalogue.publish(SECOND);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(SECOND));

      ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);

      assertThat(assign.manifest()).isEqualTo(SECOND.manifest());
      assertThat(assign.rung()).isEqualTo(4);
    }
  }

  @Test
  void anOperatorsBudgetStandsAboveTheAgentsAndDecidesAtOnce() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());

      DeviceStatus cut = fixture.setBudget(Optional.of(budgetMs(5)));

      assertThat(cut.budgetSetByOperator()).isTrue();
      assertThat(cut.desiredRung()).isEqualTo(2);
      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
      fixture.device.expectMessage(new ToDevice.BudgetInForce(budgetMs(5)));
      assertThat(fixture.setBudget(Optional.empty()).budget()).isEqualTo(budgetMs(10));
    }
  }

  @Test
  void aChangedBudgetOfTheAgentDecidesWhenItConnects() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.connect(5, new Serving(FIRST.manifest().hex(), 4));

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
    }
  }

  @Test
  void aPinnedRungStandsAboveThePolicy() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      assertThat(fixture.pin(3).getValue().desiredRung()).isEqualTo(3);
      fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
      for (int i = 0; i < 6; i++) {
        fixture.window(FIRST, 3, 40);
      }

      assertThat(fixture.status().desiredRung()).isEqualTo(3);
      assertThat(fixture.pin(0).getValue().desiredRung()).isEqualTo(1);
    }
  }

  @Test
  void refusesToPinARungThatDoesNotExist() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      StatusReply<DeviceStatus> reply = fixture.pin(7);

      assertThat(reply.isError()).isTrue();
      assertThat(reply.getError()).hasMessage("rung: 7 (expected: 0..6)");
    }
  }

  @Test
  void goesBackToWhatTheDeviceServesWhenARungCannotBeInstalled() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.failed(fixture.promote());

      DeviceStatus status = fixture.status();

      assertThat(status.desiredRung()).isEqualTo(1);
      assertThat(status.decisions())
          .last()
          .extracting(Decision::outcome)
          .extracting(Optional::orElseThrow)
          .extracting(Outcome::failedCheck)
          .isEqualTo("golden-outputs");
      assertThat(fixture.persisted(TwinEvent.RolledBack.class).reason())
          .isEqualTo("rung 4 could not be installed: golden-outputs: differs by 0.5");
    }
  }

  @Test
  void givesARungUpAfterThreeFailuresAndTakesTheNextBest() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int attempt = 0; attempt < 3; attempt++) {
        ToDevice.Assign assign = fixture.promote();
        assertThat(assign.rung()).isEqualTo(4);
        fixture.failed(assign);
      }

      assertThat(fixture.promote().rung()).isEqualTo(3);
    }
  }

  @Test
  void triesAFirstAssignmentAgainLaterAndThenAnotherRung() {
    try (TwinFixture fixture = new TwinFixture()) {
      fixture.catalogue.publish(FIRST);
      fixture.enrol();
      fixture.connect(10, Serving.NOTHING);
      for (int attempt = 0; attempt < 3; attempt++) {
        ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);
        assertThat(assign.rung()).isEqualTo(1);
        fixture.failed(assign);
      }

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(2);
    }
  }

  @Test
  void staysOnTheOldVersionAfterThreeFailuresOfTheNew() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.publish(SECOND);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(SECOND));
      for (int attempt = 0; attempt < 3; attempt++) {
        ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);
        assertThat(assign.manifest()).isEqualTo(SECOND.manifest());
        fixture.failed(assign);
      }
      fixture.connect(10, new Serving(FIRST.manifest().hex(), 1));

      fixture.device.expectNoMessage();
      assertThat(fixture.status().manifest()).contains(FIRST.manifest());
      assertThat(fixture.status().desiredRung()).isEqualTo(1);
    }
  }

  @Test
  void triesNothingMoreOfAFamilyAfterFiveFailuresInARow() {
    try (TwinFixture fixture = new TwinFixture()) {
      quarantine(fixture);

      fixture.catalogue.publish(SECOND);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(SECOND));
      fixture.connect(20, Serving.NOTHING);
      fixture.device.expectNoMessage();

      assertThat(fixture.status().quarantine())
          .contains(
              "5 installations of digits failed in a row, the last at golden-outputs: differs by"
                  + " 0.5");
    }
  }

  @Test
  void triesAgainOnceAnOperatorLiftsTheQuarantineAlsoAfterAKill() {
    try (TwinFixture fixture = new TwinFixture()) {
      quarantine(fixture);
      fixture.killAndRecover();
      fixture.connect(10, Serving.NOTHING);
      fixture.device.expectNoMessage();
      assertThat(fixture.status().quarantine()).isPresent();

      assertThat(fixture.liftQuarantine().quarantine()).isEmpty();

      fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
      assertThat(fixture.status().reportedRung()).isPositive();
      fixture.liftQuarantine();
      assertThat(fixture.count(TwinEvent.QuarantineLifted.class)).isEqualTo(1);
    }
  }

  @Test
  void theQuarantineOfAFamilyIsSeenAlsoAfterAnotherOneServed() {
    try (TwinFixture fixture = new TwinFixture()) {
      quarantine(fixture);
      PublishedFamily other = Fixtures.family("letters", "9", 3);
      fixture.catalogue.publish(other);
      fixture.connect(budgetMs(10), "letters", Serving.NOTHING);
      fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
      assertThat(fixture.status().quarantine()).isEmpty();

      fixture.connect(budgetMs(10), "digits", new Serving(other.manifest().hex(), 1));
      assertThat(fixture.status().quarantine()).isPresent();
      assertThat(fixture.liftQuarantine().quarantine()).isEmpty();
    }
  }

  @Test
  void anInstallationInBetweenKeepsADeviceOutOfQuarantine() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int attempt = 0; attempt < 3; attempt++) {
        fixture.failed(fixture.promote());
      }
      fixture.installed(fixture.promote());
      for (int attempt = 0; attempt < 2; attempt++) {
        fixture.pin(5 + attempt);
        fixture.failed(fixture.device.expectMessageClass(ToDevice.Assign.class));
      }

      assertThat(fixture.status().quarantine()).isEmpty();
    }
  }

  private static void quarantine(TwinFixture fixture) {
    fixture.catalogue.publish(FIRST);
    fixture.enrol();
    fixture.connect(10, Serving.NOTHING);
    for (int attempt = 0; attempt < 5; attempt++) {
      assertThat(fixture.status().quarantine()).isEmpty();
      fixture.failed(fixture.device.expectMessageClass(ToDevice.Assign.class));
    }
    assertThat(fixture.status().quarantine()).isPresent();
  }

  @Test
  void answersEachWindowWithHowFarItTookThem() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.window(FIRST, 1, 2);
      fixture.report(Fixtures.window(2, FIRST, 1, 2));

      var first = fixture.taken.expectMessageClass(ToDevice.WindowsTaken.class);
      var again = fixture.taken.expectMessageClass(ToDevice.WindowsTaken.class);
      assertThat(first.sequence()).isEqualTo(2);
      assertThat(first.counted()).isPresent();
      assertThat(again.sequence()).isEqualTo(2);
      assertThat(again.counted()).isEmpty();
    }
  }

  @Test
  void aWindowThatCannotBeOneCountsAsTaken() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.twin.tell(new DeviceTwin.SkipWindow(9, TwinFixture.REPORTER, fixture.taken.getRef()));

      assertThat(fixture.taken.expectMessageClass(ToDevice.WindowsTaken.class).sequence())
          .isEqualTo(9);
      assertThat(fixture.status().lastWindow()).isEmpty();
    }
  }

  @Test
  void ignoresWindowsOfAStreamThatCountedBeneathSomethingElse() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.twin.tell(
          new DeviceTwin.ReportWindow(
              Fixtures.window(5000, FIRST, 1, 2),
              TwinFixture.REPORTER + 1,
              fixture.taken.getRef()));
      fixture.window(FIRST, 1, 2);

      assertThat(fixture.taken.expectMessageClass(ToDevice.WindowsTaken.class).sequence())
          .isEqualTo(2);
    }
  }

  @Test
  void triesTheNextRungAndKnowsWhatTheDeviceFound() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      assertThat(fixture.tryRung(0).isSuccess()).isTrue();

      ToDevice.TryOut order = fixture.device.expectMessageClass(ToDevice.TryOut.class);
      assertThat(order.rung()).isEqualTo(2);
      assertThat(order.manifest()).isEqualTo(FIRST.manifest());
      fixture.twin.tell(new DeviceTwin.ReportTrial(TwinFixture.trial(order.trial() + 1, 2)));
      assertThat(fixture.status().lastTrial()).as("of another trial").isEmpty();
      Trial found = TwinFixture.trial(order.trial(), 2);
      fixture.twin.tell(new DeviceTwin.ReportTrial(found));
      assertThat(fixture.status().lastTrial()).contains(found);
      assertThat(fixture.status().desiredRung()).isEqualTo(1);
    }
  }

  @Test
  void triesNoRungThatThereIsNotNorTheOneThatServesNorOnADeviceThatIsAway() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      assertThat(fixture.tryRung(7).getError())
          .hasMessage("rung: 7 (expected: another than 1, 1..6)");
      assertThat(fixture.tryRung(1).getError()).hasMessageContaining("expected: another than 1");
      fixture.twin.tell(new DeviceTwin.Disconnected(fixture.device.getRef()));
      assertThat(fixture.tryRung(2).getError()).hasMessageContaining("is not online");
      fixture.device.expectNoMessage();
    }
  }

  @Test
  void learnsFromLateWindowsWithoutDecidingOnThem() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int sequence = 2; sequence < 8; sequence++) {
        fixture.report(Fixtures.late(Fixtures.window(sequence, FIRST, 1, 2)));
      }
      assertThat(fixture.status().decisions()).hasSize(1);

      for (int sequence = 8; sequence < 11; sequence++) {
        fixture.report(Fixtures.window(sequence, FIRST, 1, 2));
      }

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).rung()).isEqualTo(4);
    }
  }

  @Test
  void aRungThatServesOnTheWayIsWhatADeviceGoesBackTo() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.publish(SECOND);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(SECOND));
      ToDevice.Assign assign = fixture.device.expectMessageClass(ToDevice.Assign.class);
      fixture.twin.tell(new DeviceTwin.ReportOnTheWay(FIRST.manifest(), 4));
      assertThat(fixture.status().reportedRung()).as("of another version").isEqualTo(1);
      fixture.twin.tell(new DeviceTwin.ReportOnTheWay(assign.manifest(), 2));
      assertThat(fixture.status().reportedRung()).isEqualTo(2);

      fixture.failed(assign);

      assertThat(fixture.status().manifest()).contains(SECOND.manifest());
      assertThat(fixture.status().desiredRung()).isEqualTo(2);
    }
  }

  @Test
  void ignoresOutcomesThatNobodyAskedFor() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      ToDevice.Assign assign = fixture.promote();
      fixture.installed(assign);
      fixture.installed(assign);
      fixture.twin.tell(
          new DeviceTwin.ReportOutcome(
              new Outcome(99, "digits", FIRST.manifest(), 6, true, "", "", 0, 0, 0, 0)));

      assertThat(fixture.status().reportedRung()).isEqualTo(4);
      assertThat(fixture.count(TwinEvent.OutcomeRecorded.class)).isEqualTo(2);
    }
  }

  @Test
  void knowsDecisionsOutcomesAndWhatItLearntAfterAKill() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.installed(fixture.promote());
      fixture.setBudget(Optional.of(budgetMs(12)));
      DeviceStatus before = fixture.status();

      fixture.killAndRecover();
      DeviceStatus after = fixture.status();

      assertThat(after.decisions()).isEqualTo(before.decisions());
      assertThat(after.desiredRung()).isEqualTo(5);
      assertThat(after.budget()).isEqualTo(budgetMs(12));
      assertThat(after.online()).isFalse();
      assertThat(fixture.setBudget(Optional.of(budgetMs(5))).desiredRung()).isEqualTo(2);
    }
  }

  @Test
  void recoversFromASnapshot() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int i = 0; i < 50; i++) {
        fixture.setBudget(Optional.of(budgetMs(20 + i)));
      }

      fixture.killAndRecover();

      assertThat(fixture.status().budget()).isEqualTo(budgetMs(69));
    }
  }

  @Test
  void endsTheStreamWhenItStops() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.kit.stop(fixture.twin);

      fixture.device.expectMessage(new ToDevice.TwinStopped());
    }
  }

  @Test
  void takesWhatADeviceSaysOfItselfWhenItEnrolsAgain() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      DeviceProfile larger = new DeviceProfile("nuc", 8, 0, List.of(), Map.of(), "1.1", 4);
      fixture.twin.tell(new DeviceTwin.Enrol(larger, fixture.replies.getRef()));

      assertThat(fixture.replies.receiveMessage().getValue().profile()).isEqualTo(larger);
      assertThat(fixture.count(TwinEvent.ProfileChanged.class)).isEqualTo(1);
    }
  }
}
