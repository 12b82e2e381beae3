package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.EncodedSize;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What twins make of accuracy. A window at rung k has a p95 of 2k ms where nothing else is said;
 * the ladder's accuracy is 0.89 and a point per rung.
 */
class FieldAccuracyTest {

  private static final ClassPrior TWICE = new ClassPrior(Math.log(2), 3);

  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  @Test
  void promotesForAccuracyIntoTheHeadroomThatLatencyLeaves() {
    PlannedDevice device = device(6, budget(10.4, 0.85));
    assertThat(device.rung()).as("4 ms is left of 10").isEqualTo(4);
    while (device.rung() == 4) {
      device.window(8, 50, 42);
    }

    assertThat(device.rung()).isEqualTo(5);
    assertThat(device.only(TwinEvent.Promoted.class).reason())
        .isEqualTo(
            "accuracy in the field is 84.0 % (81.6..86.1 % with 95 % confidence, 1000 labels),"
                + " under the 85.0 % asked for: rung 5 is expected at 10.0 ms, with an accuracy of"
                + " 85.0 %");
    assertThat(device.known.flag()).isEmpty();
  }

  @Test
  void takesTheMostAccurateRungWhereNoneReachesTheFloor() {
    PlannedDevice device = device(6, budget(13, 0.9));
    assertThat(device.rung()).isEqualTo(5);

    device.window(10, 50, 25);
    device.window(10, 50, 25);

    assertThat(device.rung()).isEqualTo(6);
    assertThat(device.only(TwinEvent.Promoted.class).reason())
        .contains("with an accuracy of 51.0 %");
  }

  @Test
  void flagsWhereNoRungHelpsAndSaysWhy() {
    PlannedDevice device = device(6, budget(0, 0.9));
    device.window(12, 50, 25);
    assertThat(device.known.flag()).as("after one window").isEmpty();
    for (int i = 0; i < 10; i++) {
      device.window(12, 50, 25);
    }

    assertThat(device.only(TwinEvent.Flagged.class))
        .isEqualTo(
            new TwinEvent.Flagged(
                TwinFixture.NOW.toEpochMilli(),
                "under-floor",
                "accuracy in the field is 50.0 % (40.4..59.6 % with 95 % confidence, 100 labels),"
                    + " under the 90.0 % asked for; rung 6 is the largest there is"));
    assertThat(device.rung()).isEqualTo(6);
  }

  @Test
  void flagsWhereTheLimitsAllowNoLargerRung() {
    PlannedDevice device = device(6, new Budget(0, 3_000_000, 0, 0.9));
    bad(device, 3);

    assertThat(device.only(TwinEvent.Flagged.class).reason())
        .endsWith("; no larger rung within the limits is expected to help");
    assertThat(device.rung()).isEqualTo(3);
  }

  @Test
  void flagsAPinnedDeviceAndLeavesItsRungAlone() {
    PlannedDevice device = device(6, budget(0, 0.9));
    device.apply(List.of(new TwinEvent.Pinned(0, 2)));
    device.apply(
        device.planner.adjust(device.known, device.known.budgets().inForce(), 2, device.live));
    bad(device, 6);

    assertThat(device.only(TwinEvent.Flagged.class).reason())
        .endsWith("; an operator holds the device on rung 2");
    assertThat(device.rung()).isEqualTo(2);
  }

  @Test
  void liftsTheFlagWhenTheEvidenceIsGone() {
    PlannedDevice device = device(6, budget(0, 0.9));
    bad(device, 3);
    assertThat(device.known.flag()).isPresent();
    for (int i = 0; i < 12; i++) {
      device.window(12, 50, 49);
    }

    assertThat(device.known.flag()).isEmpty();
    assertThat(device.only(TwinEvent.FlagLifted.class).reason()).contains("is 98.0 %");
  }

  @Test
  void liftsTheFlagWhenNothingIsAskedAnyMore() {
    PlannedDevice device = device(6, budget(0, 0.9));
    bad(device, 3);
    device.apply(List.of(new TwinEvent.BudgetSet(0, Budget.NONE, true)));
    device.window(12, 0, 0);

    assertThat(device.only(TwinEvent.FlagLifted.class).reason())
        .isEqualTo("nothing is asked of its accuracy");
  }

  @Test
  void aFlagEndsWithTheVersion() {
    PlannedDevice device = device(6, budget(0, 0.9));
    bad(device, 3);
    device.catalogue.publish(Fixtures.family("digits", "2", 6));
    device.apply(device.planner.settle(device.known, device.live));

    assertThat(device.known.flag()).isEmpty();
    device.report(
        Fixtures.seen(
            Fixtures.window(900, Fixtures.family("digits", "2", 6), 6, 12), 10, 10, 0.9, 0.3));
    assertThat(device.evidence().ownLabels()).isEqualTo(10);
  }

  @Test
  void aFlagOutlivesARestartUntilLabelsSayThatItIsOver() {
    PlannedDevice before = device(6, budget(0, 0.9));
    bad(before, 3);
    PlannedDevice after = before.restarted();
    after.window(12, 5, 5);
    assertThat(after.known.flag()).isPresent();

    for (int i = 0; i < 10; i++) {
      after.window(12, 20, 20);
    }
    assertThat(after.known.flag()).isEmpty();
  }

  @Test
  void promotesWhereWhatItSeesDriftsAndNoLabelsCome() {
    PlannedDevice device = device(6, budget(10.4, 0.85));
    drift(device, 8);

    assertThat(device.rung()).isEqualTo(5);
    assertThat(device.only(TwinEvent.Promoted.class).reason())
        .startsWith("mean confidence fell from 90.0 % to ")
        .contains("rung 5 is expected at 10.0 ms, 1.0 points more accurate");
  }

  @Test
  void flagsDriftWhereNoRungHelpsAndSeesItEnd() {
    PlannedDevice device = device(6, budget(0, 0));
    drift(device, 12);
    assertThat(device.only(TwinEvent.Flagged.class).kind()).isEqualTo("drifted");
    for (int i = 0; i < 40; i++) {
      device.window(12, 0, 0);
    }

    assertThat(device.known.flag()).isEmpty();
    assertThat(device.all(TwinEvent.Flagged.class)).hasSize(1);
  }

  @Test
  void aFlagForDriftOutlivesARestartAlthoughNothingIsToBeSeenOfItThen() {
    PlannedDevice before = device(6, budget(0, 0.85));
    drift(before, 12);
    PlannedDevice after = before.restarted();
    for (int i = 0; i < 40; i++) {
      after.window(12, 0, 0, 0.6, 1.1);
    }
    assertThat(after.known.flag()).isPresent();
    for (int i = 0; i < 10; i++) {
      after.window(12, 10, 10, 0.6, 1.1);
    }
    assertThat(after.known.flag()).as("labels say that it does no harm").isEmpty();
  }

  @Test
  void latencyGoesBeforeAccuracy() {
    PlannedDevice device = device(6, budget(10.4, 0.9));
    device.window(16, 50, 25);

    assertThat(device.rung()).isLessThan(4);
    assertThat(device.all(TwinEvent.Promoted.class)).isEmpty();
  }

  @Test
  void flagsADeviceThatHadToLeaveTheRungThatAccuracyAskedFor() {
    PlannedDevice device = device(6, budget(13, 0.9));
    device.window(10, 50, 25);
    assertThat(device.rung()).isEqualTo(6);
    for (int i = 0; i < 4; i++) {
      device.window(device.rung() == 6 ? 16 : 2.0 * device.rung(), 50, 25);
    }

    assertThat(device.all(TwinEvent.Promoted.class)).hasSize(1);
    assertThat(device.all(TwinEvent.Demoted.class)).hasSize(1);
    assertThat(device.known.flag().orElseThrow().reason())
        .endsWith("; a larger rung was tried lately and had to be left");
  }

  @Test
  void lateWindowsTeachAndDecideNothing() {
    PlannedDevice device = device(6, budget(0, 0.9));
    for (int i = 0; i < 5; i++) {
      device.report(
          Fixtures.late(
              Fixtures.seen(Fixtures.window(2 + i, device.family, 6, 12), 50, 25, 0.9, 0.3)));
    }
    assertThat(device.all(TwinEvent.Flagged.class)).isEmpty();
    assertThat(device.evidence().ownLabels()).isEqualTo(250);

    device.window(12, 1, 0);
    device.window(12, 1, 0);
    assertThat(device.known.flag()).isPresent();
  }

  @Test
  void asksForATrialRarelyAndOnlyWhereTheFloorIsInDoubt() {
    PlannedDevice device = device(6, budget(10.4, 0.85));
    int asked = 0;
    for (int window = 0; window < 1000; window++) {
      // 17 of 20 are the floor itself: in doubt, but not under it.
      device.window(8, window % 25 == 0 ? 20 : 0, window % 25 == 0 ? 17 : 0);
      if (device.toTry().isPresent()) {
        asked++;
        assertThat(device.toTry()).contains(5);
        device.live.accuracy.nextTrialIn(AccuracyPlanner.BETWEEN_TRIALS);
      }
    }
    assertThat(asked).isBetween(5, 10);

    PlannedDevice sure = device(6, budget(10.4, 0.85));
    for (int window = 0; window < 200; window++) {
      sure.window(8, 20, 20);
      assertThat(sure.toTry()).isEmpty();
    }
  }

  @Test
  void asksForNoTrialOfARungThatTheLimitsForbid() {
    PlannedDevice device = device(6, budget(9, 0.85));
    for (int window = 0; window < 100; window++) {
      device.window(8, 7, 6);
      assertThat(device.toTry()).isEmpty();
    }
  }

  @Test
  void promotesOnATrialWhereLabelsAloneLeaveItInDoubt() {
    PlannedDevice device = device(6, budget(10.8, 0.85));
    device.window(8, 60, 50);
    assertThat(device.rung()).isEqualTo(4);
    device.trial(5, 60, 50, 58);
    device.window(8, 0, 0);

    assertThat(device.rung()).isEqualTo(5);
    assertThat(device.only(TwinEvent.Promoted.class).reason())
        .contains("on the same 60 labelled requests rung 5 met +13.3 points");
  }

  @Test
  void flagsInsteadOfTakingARungThatATrialFoundToBeNoBetter() {
    PlannedDevice device = device(6, budget(13, 0.9));
    device.window(10, 10, 5);
    device.trial(6, 60, 40, 38);
    bad(device, 3);

    assertThat(device.rung()).isEqualTo(5);
    assertThat(device.known.flag()).isPresent();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void latencyAndAccuracyNeverTakeTurns(long seed) {
    Random random = new Random(seed);
    int rungs = 2 + random.nextInt(9);
    PlannedDevice device =
        new PlannedDevice(
            rungs,
            budget(
                random.nextInt(5) == 0 ? 0 : 2 + 20 * random.nextDouble(),
                0.8 + 0.15 * random.nextDouble()),
            random.nextBoolean() ? TWICE : ClassPrior.NONE);
    double[] p95Ms = new double[rungs + 1];
    double[] accuracy = new double[rungs + 1];
    for (int k = 1; k <= rungs; k++) {
      p95Ms[k] = p95Ms[k - 1] + 4 * random.nextDouble();
      accuracy[k] =
          Math.min(
              1,
              (k == 1 ? 0.7 + 0.2 * random.nextDouble() : accuracy[k - 1])
                  + 0.02 * random.nextGaussian());
    }
    List<Integer> path = new ArrayList<>();
    for (int window = 0; window < 1500; window++) {
      int rung = device.rung();
      int correct = 0;
      for (int i = 0; i < 20; i++) {
        correct += random.nextDouble() < accuracy[rung] ? 1 : 0;
      }
      device.window(p95Ms[rung], 20, correct);
      if (device.rung() != rung) {
        path.add(device.rung());
      }
    }

    assertThat(device.all(TwinEvent.Demoted.class).size())
        .as("seed %d: %s", seed, path)
        .isLessThanOrEqualTo(rungs);
    assertThat(path.size()).as("seed %d: %s", seed, path).isLessThanOrEqualTo(2 * rungs);
    double floor = device.known.budgets().inForce().leastAccuracy();
    if (accuracy[device.rung()] < floor - 0.03) {
      assertThat(device.known.flag()).as("seed %d", seed).isPresent();
    }
    if (accuracy[device.rung()] > floor + 0.03) {
      assertThat(device.known.flag()).as("seed %d", seed).isEmpty();
    }
  }

  /** What a device sees changes every hundred windows; the rung follows latency meanwhile, too. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isNeverTenPointsUnderItsFloorForAThousandLabelsWithoutPromotionOrFlag(long seed) {
    Random random = new Random(seed);
    double floor = 0.8;
    PlannedDevice device = device(6, budget(12, floor));
    double load = 1;
    double seen = 0.9;
    int unanswered = 0;
    for (int window = 0; window < 2000; window++) {
      if (window % 100 == 0) {
        seen = 0.5 + 0.45 * random.nextDouble();
        load = 0.8 + 1.5 * random.nextDouble();
      }
      int rung = device.rung();
      double accuracy = Math.min(1, seen + 0.01 * rung);
      int correct = 0;
      for (int i = 0; i < 20; i++) {
        correct += random.nextDouble() < accuracy ? 1 : 0;
      }
      device.window(2 * rung * load, 20, correct, accuracy - 0.02 * random.nextDouble(), 0.5);

      boolean answered = device.rung() > rung || device.known.flag().isPresent();
      unanswered = answered || accuracy > floor - 0.1 ? 0 : unanswered + 1;
      assertThat(unanswered)
          .as("windows of 20 labels up to %d, seed %d", window, seed)
          .isLessThan(50);
    }
    assertThat(device.events).as("seed %d", seed).hasSizeLessThan(200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void staysWithinTwoKibibytesTogetherWithThePolicy(long seed) {
    Random random = new Random(seed);
    PlannedDevice device = new PlannedDevice(40, budget(20, 0.9), TWICE);
    int most = 0;
    for (int window = 0; window < 400; window++) {
      device.window(
          60 * random.nextDouble(),
          random.nextInt(900),
          0,
          random.nextDouble(),
          3 * random.nextDouble());
      device.trial(1 + device.rung() % 40, 300 + random.nextInt(1000), 299, 1);
      if (window % 10 == 0) {
        most =
            Math.max(most, EncodedSize.of(device.live.policy) + EncodedSize.of(device.evidence()));
      }
      if (random.nextInt(5) == 0) {
        device.apply(
            List.of(new TwinEvent.BudgetSet(0, budget(5 + random.nextDouble() * 100, 0.9), false)));
        device.live.termsChanged = true;
        device.apply(device.planner.settle(device.known, device.live));
      }
    }

    assertThat(most).as("seed %d", seed).isLessThanOrEqualTo(2048);
  }

  private static PlannedDevice device(int rungs, Budget budget) {
    PlannedDevice device = new PlannedDevice(rungs, budget, TWICE);
    // The first window of a rung is skipped by the policy.
    device.window(2.0 * device.rung(), 0, 0);
    return device;
  }

  private static void bad(PlannedDevice device, int windows) {
    for (int i = 0; i < windows; i++) {
      device.window(2.0 * device.rung(), 50, 25);
    }
  }

  private static void drift(PlannedDevice device, int windows) {
    for (int i = 0; i < 40; i++) {
      device.window(2.0 * device.rung(), 0, 0);
    }
    for (int i = 0; i < windows; i++) {
      device.window(2.0 * device.rung(), 0, 0, 0.6, 1.1);
    }
  }

  private static Budget budget(double p95Ms, double floor) {
    return new Budget(Math.round(p95Ms * 1e6), 0, 0, floor);
  }
}
