package dev.heirloom.actors.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RolloutPlannerTest {

  @Test
  void bringsAGoodVersionToEverybodyGroupByGroup() {
    PlannedRollout rollout = new PlannedRollout(50).run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.known.told()).hasSize(50);
    assertThat(rollout.current).isEqualTo(PlannedRollout.NEW.manifest().hex());
    assertThat(rollout.events)
        .filteredOn(RolloutEvent.InstallationBegun.class::isInstance)
        .extracting(event -> ((RolloutEvent.InstallationBegun) event).group())
        .containsExactly(1, 2, 3);
  }

  @Test
  void haltsInTheCanaryWhereAccuracyInTheFieldFalls() {
    PlannedRollout rollout = new PlannedRollout(50);
    rollout.accuracy = 0.85;
    rollout.run(300);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.known.told()).hasSize(5);
    assertThat(rollout.known.back()).isEqualTo(5);
    assertThat(rollout.why()).contains("group 1: accuracy in the field differs by -");
  }

  @Test
  void haltsWhereTheLatencyDoubles() {
    PlannedRollout rollout = new PlannedRollout(50);
    rollout.p95Ms = 4;
    rollout.run(100);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.known.told()).hasSize(5);
    assertThat(rollout.why()).contains("1.25 is the most");
  }

  @Test
  void haltsWhereTheConfidenceMovesEitherWay() {
    for (double confidence : List.of(0.6, 1.0)) {
      PlannedRollout rollout =
          new PlannedRollout(
              50, List.of(new GroupSize(5, false)), new Gates(0.9, 0.02, 1.25, 0.05, 10, 400));
      rollout.confidence = confidence;
      rollout.run(100);

      assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
      assertThat(rollout.why()).contains("mean confidence moved by");
    }
  }

  @Test
  void haltsWhereOneDeviceClassCannotInstall() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.stage() == Stage.BASELINE) {
      rollout.run(1);
    }
    rollout.known.members().stream()
        .filter(member -> member.deviceClass().equals("slow"))
        .forEach(member -> rollout.fails(member.name(), 2));
    rollout.run(100);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.known.told()).hasSize(5);
    assertThat(rollout.why()).contains("installations of class slow succeeded");
  }

  @Test
  void haltsWhatStaysInDoubt() {
    PlannedRollout rollout =
        new PlannedRollout(
            50, List.of(new GroupSize(5, false)), new Gates(0.9, 0.02, 1.25, 0.1, 10, 100_000_000));
    rollout.known = baselineDone(rollout);
    rollout.run(200);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.why()).contains("group 1 is in doubt after 2 min: no device has labels");
  }

  /** As if the version before had been measured long enough. */
  private static RolloutState.Known baselineDone(PlannedRollout rollout) {
    return rollout.known.on(
        new RolloutEvent.InstallationBegun(rollout.now.toEpochMilli(), 1, "measured"));
  }

  @Test
  void touchesNobodyWhereTheVersionBeforeCannotBeMeasured() {
    PlannedRollout rollout =
        new PlannedRollout(
            50, List.of(new GroupSize(5, false)), new Gates(0.9, 0.02, 1.25, 0.1, 10, 100_000_000));
    rollout.run(100);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.known.told()).isEmpty();
    assertThat(rollout.why()).contains("200000000 labels are needed");
  }

  @Test
  void endsTheAttemptOfADeviceThatIsNotThere() {
    PlannedRollout rollout = new PlannedRollout(50);
    String away = rollout.known.inGroup(1).get(1).name();
    rollout.offline(away);
    rollout.run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.attempt(away).result()).isEqualTo(AttemptEnd.Result.OVERDUE);
    assertThat(rollout.attempt(away).reason()).isEqualTo("it was not there for 30 s");
  }

  @Test
  void countsADeviceThatRefusesAndGoesOn() {
    PlannedRollout rollout = new PlannedRollout(50);
    String other = rollout.known.inGroup(1).get(0).name();
    rollout.refusals.put(other, "device " + other + ": it is in rollout autumn");
    rollout.offline(other);
    rollout.run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.attempt(other).reason()).contains("in rollout autumn");
  }

  @Test
  void leavesDevicesOutThatAreRemovedOrQuarantinedWhileTheyInstall() {
    PlannedRollout rollout = new PlannedRollout(50);
    String removed = rollout.known.inGroup(1).get(1).name();
    String quarantined = rollout.known.inGroup(1).get(2).name();
    while (rollout.known.stage() == Stage.BASELINE) {
      rollout.run(1);
    }
    rollout.removed(removed);
    rollout.quarantined(quarantined);
    rollout.run(1);

    assertThat(rollout.attempt(removed).result()).isEqualTo(AttemptEnd.Result.WITHDRAWN);
    assertThat(rollout.attempt(quarantined).reason())
        .isEqualTo("in quarantine: an operator quarantined it: hot");
    rollout.run(400);
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.why()).contains("group 1: 3 installed, 2 withdrawn");
  }

  @Test
  void waitsForNoneThatIsRemovedOrQuarantinedOrAwayOnTheWayBack() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.stage() != Stage.SOAKING) {
      rollout.run(1);
    }
    List<Member> canary = rollout.known.inGroup(1);
    rollout.removed(canary.get(0).name());
    rollout.quarantined(canary.get(1).name());
    rollout.leaves(canary.get(2).name());
    rollout.decide(new RolloutEvent.Turned(rollout.now.toEpochMilli(), true, "given up"));
    rollout.run(3);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.ABORTED);
    assertThat(rollout.known.back()).isEqualTo(2);
    assertThat(rollout.why())
        .contains("2 of 5 devices are back")
        .contains("not yet back, to follow when they connect: " + canary.get(2).name())
        .contains("in quarantine, to follow when that is lifted: " + canary.get(1).name())
        .contains("removed meanwhile: " + canary.get(0).name());
  }

  @Test
  void waitsOnTheWayBackForATwinThatWasNotTold() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.stage() != Stage.SOAKING) {
      rollout.run(1);
    }
    rollout.known.inGroup(1).forEach(member -> rollout.leaves(member.name()));
    rollout.decide(new RolloutEvent.Turned(rollout.now.toEpochMilli(), true, "given up"));
    for (int i = 0; i < 200; i++) {
      rollout.look();
    }
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.RETURNING);
    rollout.run(3);
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.ABORTED);
    assertThat(rollout.why()).contains("not yet back, to follow when they connect: ");
  }

  @Test
  void endsNoAttemptWhereTheControlPlaneComesBackAfterTheMaintenanceWindow() {
    PlannedRollout rollout =
        new PlannedRollout(
            50,
            List.of(new GroupSize(5, false)),
            PlannedRollout.GATES,
            new MaintenanceWindow(12 * 60, 12 * 60 + 1));
    rollout.now = rollout.now.plusSeconds(55);
    rollout.decide(
        new RolloutEvent.InstallationBegun(rollout.now.toEpochMilli(), 1, "in the window"));
    rollout.now = rollout.now.plusSeconds(10);
    rollout.since = rollout.now;
    rollout.known.inGroup(1).forEach(member -> rollout.offline(member.name()));
    rollout.look();

    assertThat(rollout.known.attempts()).as(rollout.why()).isEmpty();
  }

  @Test
  void endsNoAttemptForTheTimeInWhichTheControlPlaneWasDown() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.stage() == Stage.BASELINE) {
      rollout.run(1);
    }
    rollout.now = rollout.now.plusSeconds(3600);
    rollout.since = rollout.now;
    rollout.known.inGroup(1).forEach(member -> rollout.offline(member.name()));
    rollout.look();
    assertThat(rollout.known.attempts()).as(rollout.why()).isEmpty();
    rollout
        .known
        .inGroup(1)
        .forEach(member -> rollout.serves(member.name(), member.deviceClass(), PlannedRollout.OLD));
    rollout.run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void endsAttemptsOfAbsentDevicesWhereTheMaintenanceWindowCloses() {
    PlannedRollout rollout =
        new PlannedRollout(
            50,
            List.of(new GroupSize(5, false)),
            PlannedRollout.GATES,
            new MaintenanceWindow(12 * 60, 12 * 60 + 1));
    String away = rollout.known.inGroup(1).get(1).name();
    rollout.offline(away);
    rollout.now = rollout.now.plusSeconds(50);
    rollout.decide(
        new RolloutEvent.InstallationBegun(rollout.now.toEpochMilli(), 1, "in the window"));
    rollout.run(9);
    assertThat(rollout.known.attempts()).doesNotContainKey(away);
    rollout.run(3);

    assertThat(rollout.attempt(away).reason())
        .isEqualTo("it was not there for 10 s, until the maintenance window closed");
  }

  @Test
  void isNotHaltedByOneFailureInASmallClass() {
    PlannedRollout rollout =
        new PlannedRollout(50, List.of(new GroupSize(20, false)), PlannedRollout.GATES);
    while (rollout.known.stage() == Stage.BASELINE) {
      rollout.run(1);
    }
    Member slow =
        rollout.known.inGroup(1).stream()
            .filter(member -> member.deviceClass().equals("slow"))
            .findFirst()
            .orElseThrow();
    rollout.fails(slow.name(), 2);
    rollout.run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void letsDevicesThatComeWhileTheLastGroupIsUnderWayHoldNothingUp() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.group() < 3 || rollout.known.stage() == Stage.BASELINE) {
      rollout.run(1);
    }
    for (int i = 0; rollout.known.phase() == Phase.RUNNING && i < 200; i++) {
      rollout.serves("late-" + i, "fast", PlannedRollout.OLD);
      rollout.run(1);
    }
    rollout.run(10);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.known.members()).hasSize(50);
  }

  @Test
  void saysWhatItWaitsFor() {
    PlannedRollout rollout = new PlannedRollout(50);
    rollout.look();
    assertThat(rollout.waits)
        .startsWith(
            "the version before to be known: group 1: 5 of 5 devices online, 0 of them measured")
        .contains("800 labels are needed");
    rollout.decide(new RolloutEvent.Paused(rollout.now.toEpochMilli(), "held"));
    rollout.look();
    assertThat(rollout.waits).isEqualTo("an operator to let it go on");
    rollout.decide(new RolloutEvent.Resumed(rollout.now.toEpochMilli(), "goes on"));
    while (rollout.known.stage() != Stage.SOAKING) {
      rollout.run(1);
    }
    rollout.run(1);
    assertThat(rollout.waits)
        .startsWith("group 1 to be out of doubt: accuracy in the field differs by ");
  }

  @Test
  void putsALateDeviceIntoTheLastGroup() {
    PlannedRollout rollout = new PlannedRollout(50).run(30);
    rollout.serves("late", "fast", PlannedRollout.OLD);
    rollout.look();

    assertThat(rollout.known.members())
        .filteredOn(member -> member.name().equals("late"))
        .singleElement()
        .extracting(Member::group)
        .isEqualTo(3);
    rollout.run(400);
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.sight("late").serves()).isEqualTo(PlannedRollout.NEW.manifest().hex());
  }

  @Test
  void neitherBeginsNorPassesWhilePausedButHalts() {
    PlannedRollout rollout = new PlannedRollout(50);
    rollout.decide(new RolloutEvent.Paused(rollout.now.toEpochMilli(), "held"));
    rollout.run(100);
    assertThat(rollout.known.told()).isEmpty();
    rollout.decide(new RolloutEvent.Resumed(rollout.now.toEpochMilli(), "goes on"));
    while (rollout.known.stage() != Stage.SOAKING) {
      rollout.run(1);
    }
    rollout.decide(new RolloutEvent.Paused(rollout.now.toEpochMilli(), "held"));
    rollout.run(100);
    assertThat(rollout.known.group()).isEqualTo(1);
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.RUNNING);
    rollout.p95Ms = 20;
    rollout.run(100);
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
  }

  @Test
  void waitsForAMaintenanceWindow() {
    PlannedRollout rollout =
        new PlannedRollout(
            50,
            List.of(new GroupSize(5, false)),
            PlannedRollout.GATES,
            new MaintenanceWindow(12 * 60 + 1, 0));
    rollout.run(59);
    assertThat(rollout.known.told()).isEmpty();
    rollout.run(3);
    assertThat(rollout.known.told()).hasSize(5);
  }

  @Test
  void givesUpWhereAnotherVersionBecomesCurrent() {
    PlannedRollout rollout = new PlannedRollout(50).run(30);
    rollout.current = "ab".repeat(32);
    rollout.run(10);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.why()).contains("another version, abababababab, became the current one");
  }

  @Test
  void givesUpWhereAnotherVersionBecomesCurrentBeforeTheTargetDoes() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.phase() == Phase.RUNNING) {
      rollout.run(1);
    }
    rollout.current = "ab".repeat(32);
    rollout.look();
    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.RETURNING);
    rollout.run(10);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.HALTED);
    assertThat(rollout.current).isEqualTo("ab".repeat(32));
  }

  @Test
  void endsWhereTheTargetBecomesCurrentByAnotherHand() {
    PlannedRollout rollout = new PlannedRollout(50);
    while (rollout.known.stage() != Stage.SOAKING) {
      rollout.run(1);
    }
    rollout.current = PlannedRollout.NEW.manifest().hex();
    rollout.run(5);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
    assertThat(rollout.known.told()).hasSize(5);
    assertThat(rollout.why()).contains("the target was made the current version");
  }

  @Test
  void passesThoughDevicesServeAnotherRungAfterPartOfTheBaseline() {
    PlannedRollout rollout =
        new PlannedRollout(
            50, List.of(new GroupSize(5, false)), new Gates(0.9, Gates.ABSENT, 1.25, 0.1, 20, 400));
    rollout.rung = 1;
    rollout.run(1);
    rollout.rung = 2;
    rollout.run(300);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void passesNoGroupThatNobodyHasHeardOf() {
    PlannedRollout rollout =
        new PlannedRollout(
            50,
            List.of(new GroupSize(5, false), new GroupSize(20, true)),
            new Gates(0.9, Gates.ABSENT, 1.25, 0.1, 10, 400));
    while (rollout.known.group() == 1) {
      rollout.run(1);
    }
    rollout.known.inGroup(2).forEach(member -> rollout.idle.add(member.name()));
    rollout.run(60);
    assertThat(rollout.known.group()).as(rollout.why()).isEqualTo(2);
    assertThat(rollout.waits).contains("none of its devices has reported a window of the target");
    rollout.idle.clear();
    rollout.run(200);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void forgetsWhatWasMeasuredWhenItIsBegunAnew() {
    PlannedRollout rollout = new PlannedRollout(50);
    rollout.p95Ms = 4;
    rollout.run(100);
    rollout.p95Ms = 2;
    rollout.decide(new RolloutEvent.Retried(rollout.now.toEpochMilli(), rollout.current, "anew"));
    assertThat(rollout.known.evidence()).isEmpty();
    rollout.released.clear();
    rollout.run(400);

    assertThat(rollout.known.phase()).as(rollout.why()).isEqualTo(Phase.COMPLETED);
  }

  @Test
  void putsEveryClassIntoTheCanaryAndOrdersTheSameWayAgain() {
    List<Grouping.Candidate> candidates =
        Stream.iterate(0, i -> i + 1)
            .limit(1000)
            .map(i -> new Grouping.Candidate("d" + i, "class-" + (i % 20 == 0 ? "rare" : i % 3)))
            .toList();
    List<GroupSize> sizes = List.of(new GroupSize(1, true), new GroupSize(10, true));
    List<Member> members = Grouping.group(candidates, sizes, 1);
    List<Member> canary = members.stream().filter(member -> member.group() == 1).toList();

    assertThat(canary).hasSize(10);
    assertThat(canary)
        .extracting(Member::deviceClass)
        .contains("class-rare", "class-0", "class-1", "class-2");
    assertThat(members).filteredOn(member -> member.group() == 2).hasSize(100);
    assertThat(members).filteredOn(member -> member.group() == 3).hasSize(890);
    List<Grouping.Candidate> shuffled = new java.util.ArrayList<>(candidates);
    java.util.Collections.shuffle(shuffled, new java.util.Random(3));
    assertThat(Grouping.group(shuffled, sizes, 1)).isEqualTo(members);
  }
}
