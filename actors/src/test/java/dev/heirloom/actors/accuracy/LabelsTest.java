package dev.heirloom.actors.accuracy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LabelsTest {

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  @Test
  void countsEveryLabelOnceUntilThereAreTooMany() {
    Labels labels = Labels.NONE;
    for (int window = 0; window < 300; window++) {
      labels = labels.with(new Counts(10, 9));
    }

    assertThat(labels.own()).isEqualTo(3000);
    assertThat(labels.accuracy().estimate()).isCloseTo(0.9, within(1e-12));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void staysBoundedAndSane(long seed) {
    Random random = new Random(seed);
    Labels labels = Labels.NONE;
    for (int window = 0; window < 500; window++) {
      long labelled =
          random.nextInt(20) == 0 ? random.nextLong() >>> 1 : random.nextInt(random.nextInt(9) + 1);
      long correct = (long) (labelled * random.nextDouble());
      Counts counts = Counts.of(labelled, correct, Labels.MOST);
      labels =
          switch (random.nextInt(20)) {
            case 0 -> labels.movedTo(random.nextDouble() * 2 - 1);
            case 1 -> labels.withOthers(counts, random.nextDouble() * 2 - 1);
            default -> labels.with(counts);
          };
      Interval accuracy = labels.accuracy();
      assertThat(labels.own()).isBetween(0, Labels.MOST);
      assertThat(labels.buckets()).hasSizeLessThanOrEqualTo(5);
      assertThat(labels.carriedLabels()).isBetween(0.0, (double) Labels.MOST_CARRIED);
      assertThat(
              0 <= accuracy.lower()
                  && accuracy.lower() <= accuracy.estimate()
                  && accuracy.estimate() <= accuracy.upper()
                  && accuracy.upper() <= 1)
          .as("%s of %s", accuracy, labels)
          .isTrue();
    }
  }

  @Test
  void holdsTheTruthInNinetyFiveOfAHundredCasesAlthoughItForgetsWhatDiffers() {
    long seed = 5;
    Random random = new Random(seed);
    int runs = 600;
    int held = 0;
    int cut = 0;
    for (int run = 0; run < runs; run++) {
      Labels labels = Labels.NONE;
      for (int window = 0; window < 150; window++) {
        labels = labels.with(new Counts(20, IntervalTest.binomial(random, 20, 0.9)));
      }
      Interval accuracy = labels.accuracy();
      held += accuracy.lower() <= 0.9 && 0.9 <= accuracy.upper() ? 1 : 0;
      cut += labels.own() < 3000 ? 1 : 0;
    }

    assertThat((double) held / runs).as("seed %d", seed).isBetween(0.925, 0.975);
    assertThat((double) cut / runs).as("forgot without reason, seed %d", seed).isLessThan(0.06);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void forgetsAnOldAccuracyWithinSixWindowsOfTwentyLabels(long seed) {
    Random random = new Random(seed);
    Labels labels = Labels.NONE;
    for (int window = 0; window < 150; window++) {
      labels = labels.with(new Counts(20, IntervalTest.binomial(random, 20, 0.92)));
    }
    for (int window = 0; window < 6; window++) {
      labels = labels.with(new Counts(20, IntervalTest.binomial(random, 20, 0.65)));
    }

    assertThat(labels.own()).as("seed %d", seed).isLessThanOrEqualTo(200);
    assertThat(labels.accuracy().upper()).as("seed %d", seed).isLessThan(0.85);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theOrderOfWindowsOfOneAccuracyDoesNotMatter(long seed) {
    Random random = new Random(seed);
    List<Counts> windows = new ArrayList<>();
    for (int window = 0; window < 60; window++) {
      windows.add(new Counts(20, 17 + random.nextInt(3)));
    }
    Labels inOrder = all(windows);
    Collections.shuffle(windows, random);

    assertThat(all(windows).accuracy()).as("seed %d", seed).isEqualTo(inOrder.accuracy());
  }

  @Test
  void expectsOfAnotherRungWhatTheLadderSaysUntilThereAreEnoughLabels() {
    Labels moved = all(List.of(new Counts(400, 320))).movedTo(0.05);

    assertThat(moved.own()).isZero();
    assertThat(moved.labels()).isEqualTo(Labels.MOST_CARRIED);
    assertThat(moved.accuracy().estimate()).isCloseTo(0.85, within(1e-12));
    Labels few = moved.with(new Counts(50, 25));
    assertThat(few.accuracy().estimate()).isCloseTo((25 + 0.5 * 42.5) / 75, within(1e-12));
    Labels enough = moved.with(new Counts(Labels.ENOUGH, 50));
    assertThat(enough.accuracy()).isEqualTo(Interval.ofShare(100, 50));
  }

  @Test
  void expectsNoMoreThanEverythingAndNoLessThanNothing() {
    Labels labels = all(List.of(new Counts(40, 38)));

    assertThat(labels.movedTo(0.5).accuracy().estimate()).isEqualTo(1);
    assertThat(labels.movedTo(-1).accuracy().estimate()).isEqualTo(0);
    assertThat(Labels.NONE.movedTo(0.5)).isEqualTo(Labels.NONE);
  }

  private static Labels all(List<Counts> windows) {
    Labels labels = Labels.NONE;
    for (Counts counts : windows) {
      labels = labels.with(counts);
    }
    return labels;
  }
}
