package dev.heirloom.actors.accuracy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Ladder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rungs of the ladder differ by one point of accuracy each. */
class FieldEvidenceTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 6);
  private static final Ladder LADDER = FAMILY.ladder();

  @Test
  void knowsNothingAtFirst() {
    assertThat(FieldEvidence.NONE.judge(0).kind()).isEqualTo(Finding.Kind.FINE);
    assertThat(FieldEvidence.NONE.judge(0.9))
        .isEqualTo(
            new Finding(
                Finding.Kind.IN_DOUBT,
                "no labels came of its answers, too few to tell whether it is under the 90.0 %"
                    + " asked for"));
  }

  @Test
  void isUnderTheFloorWhereTheWholeIntervalIs() {
    FieldEvidence evidence = at(2, 50, 40);

    assertThat(evidence.judge(0.88).kind()).isEqualTo(Finding.Kind.IN_DOUBT);
    assertThat(evidence.judge(0.90))
        .isEqualTo(
            new Finding(
                Finding.Kind.UNDER_FLOOR,
                "accuracy in the field is 80.0 % (67.0..88.8 % with 95 % confidence, 50 labels),"
                    + " under the 90.0 % asked for"));
  }

  @Test
  void isUnderTheFloorByItsEstimateWhereThereAreManyLabels() {
    assertThat(at(2, 990, 890).judge(0.905).kind()).isEqualTo(Finding.Kind.IN_DOUBT);
    assertThat(at(2, 1000, 899).judge(0.905).kind()).isEqualTo(Finding.Kind.UNDER_FLOOR);
  }

  @Test
  void saysNothingOfAHandfulOfLabels() {
    assertThat(at(2, 19, 0).judge(0.9).kind()).isEqualTo(Finding.Kind.IN_DOUBT);
    assertThat(at(2, 20, 0).judge(0.9).kind()).isEqualTo(Finding.Kind.UNDER_FLOOR);
  }

  @Test
  void isFineWhereTheFloorIsMetClearly() {
    assertThat(at(2, 400, 380).judge(0.9).kind()).isEqualTo(Finding.Kind.FINE);
    assertThat(at(2, 400, 362).judge(0.9).kind()).isEqualTo(Finding.Kind.IN_DOUBT);
  }

  @Test
  void carriesWhatItKnowsToAnotherRungByTheLaddersDifference() {
    FieldEvidence moved = at(2, 400, 320).on(5, LADDER);

    assertThat(moved.rung()).isEqualTo(5);
    assertThat(moved.ownLabels()).isZero();
    assertThat(moved.accuracy().estimate()).isCloseTo(0.83, within(1e-12));
    assertThat(moved.judge(0.9).kind()).isEqualTo(Finding.Kind.IN_DOUBT);
  }

  @Test
  void labelsOfTheRungBeforeTellByTheLaddersDifferenceInAnyOrder() {
    WindowReport stray = labelled(1, 40, 20);
    FieldEvidence first = at(3, 0, 0).with(stray, LADDER).with(labelled(3, 30, 27), LADDER);
    FieldEvidence last = at(3, 30, 27).with(stray, LADDER);

    assertThat(first.labels()).isEqualTo(last.labels());
    assertThat(first.ownLabels()).isEqualTo(30);
    assertThat(first.accuracy().estimate())
        .isCloseTo((27 + 0.7 * 40 * 0.52) / (30 + 0.7 * 40), within(1e-9));
  }

  @Test
  void lateWindowsTellOfAccuracy() {
    FieldEvidence late = at(2, 0, 0).with(Fixtures.late(labelled(2, 50, 40)), LADDER);

    assertThat(late.accuracy()).isEqualTo(at(2, 50, 40).accuracy());
  }

  @Test
  void takesNoWindowOfARungThatThereIsNot() {
    assertThat(at(2, 50, 40).with(labelled(7, 50, 0), LADDER)).isEqualTo(at(2, 50, 40));
  }

  @Test
  void hasDriftedUntilLabelsSayThatThisDoesNoHarm() {
    FieldEvidence evidence = at(2, 0, 0);
    for (int i = 0; i < 30; i++) {
      evidence = evidence.with(seen(10, 10, 0.9, 0.3), LADDER);
    }
    for (int i = 0; i < 5; i++) {
      evidence = evidence.with(seen(0, 0, 0.7, 0.8), LADDER);
    }

    assertThat(evidence.judge(0).kind()).isEqualTo(Finding.Kind.DRIFTED);
    assertThat(evidence.judge(0.9).kind()).as("old labels").isEqualTo(Finding.Kind.DRIFTED);
    assertThat(evidence.judge(0.9).reason())
        .startsWith("mean confidence fell from 90.0 % to ")
        .contains(" against its first 31 windows on rung 2");
    FieldEvidence harmless = evidence.with(seen(40, 40, 0.7, 0.8), LADDER);
    assertThat(harmless.judge(0.9).kind()).isEqualTo(Finding.Kind.FINE);
    FieldEvidence harm = evidence.with(seen(60, 30, 0.7, 0.8), LADDER);
    assertThat(harm.judge(0.9).kind()).isEqualTo(Finding.Kind.UNDER_FLOOR);
  }

  @Test
  void expectsOfRungsWhatATrialFoundBeyondTheLadder() {
    FieldEvidence evidence = at(2, 400, 320).with(trial(2, 4, 100, 80, 90, 180));

    assertThat(evidence.gain(3, LADDER)).isCloseTo(0.01, within(1e-12));
    assertThat(evidence.gain(4, LADDER)).isCloseTo(0.10, within(1e-12));
    assertThat(evidence.gain(6, LADDER)).isCloseTo(0.12, within(1e-12));
    assertThat(evidence.neededOnLadder(0.92, LADDER)).isCloseTo(0.91 + 0.12 - 0.08, within(1e-12));
    assertThat(evidence.provenRung()).isEqualTo(4);
    assertThat(evidence.describedTrial())
        .isEqualTo(
            "on the same 100 labelled requests rung 4 met +10.0 points (+3.7..+15.9 with 95 %"
                + " confidence)");
  }

  @Test
  void believesTheLadderWhereATrialMetFewLabels() {
    FieldEvidence evidence = at(2, 400, 320).with(trial(2, 4, 29, 10, 29, 150));

    assertThat(evidence.gain(4, LADDER)).isCloseTo(0.02, within(1e-12));
    assertThat(evidence.provenRung()).isZero();
  }

  @Test
  void takesNoTrialBesideAnotherRungNorOneThatFailed() {
    FieldEvidence evidence = at(2, 400, 320);

    assertThat(evidence.with(trial(3, 4, 100, 80, 90, 180))).isEqualTo(evidence);
    assertThat(evidence.with(trial(2, 4, 0, 0, 0, 180))).isEqualTo(evidence);
    assertThat(
            evidence.with(
                new Trial(
                    1,
                    FAMILY.manifest(),
                    4,
                    2,
                    "broke off",
                    LatencySummary.NONE,
                    LatencySummary.NONE,
                    100,
                    90,
                    50,
                    10,
                    40)))
        .isEqualTo(evidence);
    assertThat(evidence.with(trial(2, 4, 100, 80, 90, 180)).on(3, LADDER).provenRung()).isZero();
  }

  @Test
  void aTrialBoundsWhatItDoesNotTell() {
    assertThat(Paired.of(trial(2, 4, 100, 80, 90, 200)))
        .as("answers all agree, which labels deny")
        .isEqualTo(new Paired(4, 100, 10, 10));
    assertThat(Paired.of(trial(2, 4, 100, 80, 90, 0)))
        .as("answers all differ")
        .isEqualTo(new Paired(4, 100, 10, 30));
    assertThat(Paired.of(trial(2, 4, Long.MAX_VALUE, Long.MAX_VALUE / 2, 0, 0)).pairs())
        .isEqualTo(1_000_000);
  }

  @Test
  void seldomFindsADeviceUnderItsFloorThatIsTwoPointsAboveIt() {
    long seed = 31;
    Random random = new Random(seed);
    int devices = 150;
    int windows = 500;
    int everUnder = 0;
    int windowsUnder = 0;
    for (int device = 0; device < devices; device++) {
      FieldEvidence evidence = at(2, 0, 0);
      int under = 0;
      for (int window = 0; window < windows; window++) {
        evidence = evidence.with(drawn(random, 0.92), LADDER);
        under += evidence.kind(0.9) == Finding.Kind.UNDER_FLOOR ? 1 : 0;
      }
      everUnder += under > 1 ? 1 : 0;
      windowsUnder += under;
    }

    assertThat(everUnder).as("devices of %d, seed %d", devices, seed).isLessThan(devices / 6);
    assertThat(windowsUnder).as("windows, seed %d", seed).isLessThan(devices * windows / 100);
  }

  @ParameterizedTest(name = "{0} below the floor within {1} labels")
  @CsvSource({"0.02, 2000", "0.05, 1000", "0.1, 300", "0.2, 100"})
  void findsAFallFromThreePointsAboveTheFloor(double below, int most) {
    long seed = 32;
    Random random = new Random(seed);
    int[] labels = new int[60];
    for (int device = 0; device < labels.length; device++) {
      FieldEvidence evidence = at(2, 0, 0);
      for (int window = 0; window < 200; window++) {
        evidence = evidence.with(drawn(random, 0.93), LADDER);
      }
      while (evidence.kind(0.9) != Finding.Kind.UNDER_FLOOR && labels[device] < 20_000) {
        labels[device] += 20;
        evidence = evidence.with(drawn(random, 0.9 - below), LADDER);
      }
    }
    Arrays.sort(labels);

    assertThat(labels[labels.length / 2]).as("median, seed %d", seed).isLessThanOrEqualTo(most);
    assertThat(labels[labels.length - 1]).as("most, seed %d", seed).isLessThan(20_000);
  }

  private static WindowReport drawn(Random random, double accuracy) {
    return labelled(2, 20, IntervalTest.binomial(random, 20, accuracy));
  }

  private static FieldEvidence at(int rung, int labels, int correct) {
    return FieldEvidence.NONE.on(rung, LADDER).with(labelled(rung, labels, correct), LADDER);
  }

  private static WindowReport labelled(int rung, int labels, int correct) {
    return Fixtures.seen(Fixtures.window(2, FAMILY, rung, 2), labels, correct, 0.9, 0.3);
  }

  private static WindowReport seen(int labels, int correct, double confidence, double entropy) {
    return Fixtures.seen(Fixtures.window(2, FAMILY, 2, 2), labels, correct, confidence, entropy);
  }

  private static Trial trial(
      int serving, int rung, long labelled, long servingMet, long candidateMet, long agreeing) {
    LatencySummary latency = new LatencySummary(200, 1, 2, 3, 4);
    return new Trial(
        1,
        FAMILY.manifest(),
        rung,
        serving,
        "",
        latency,
        latency,
        200,
        agreeing,
        labelled,
        servingMet,
        candidateMet);
  }
}
