package dev.heirloom.actors.accuracy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {

  /**
   * 81 of 263 is a worked example of the score interval: R. G. Newcombe, Statist. Med. 17, 1998.
   */
  @Test
  void isWilsonsInterval() {
    Interval interval = Interval.ofShare(263, 81);

    assertThat(interval.estimate()).isCloseTo(0.3080, within(5e-5));
    assertThat(interval.lower()).isCloseTo(0.2553, within(5e-5));
    assertThat(interval.upper()).isCloseTo(0.3662, within(5e-5));
  }

  @Test
  void holdsItsEstimateAndStaysWithinZeroAndOne() {
    for (int labels = 1; labels < 60; labels++) {
      for (int correct = 0; correct <= labels; correct++) {
        Interval interval = Interval.ofShare(labels, correct);
        assertThat(interval.lower()).isBetween(0.0, interval.estimate());
        assertThat(interval.upper()).isBetween(interval.estimate(), 1.0);
      }
    }
  }

  @ParameterizedTest(name = "{0} labels, accuracy {1}")
  @CsvSource({"20, 0.5", "20, 0.9", "50, 0.8", "100, 0.95", "400, 0.9", "2000, 0.98"})
  void holdsTheTruthInAboutNinetyFiveOfAHundredCases(int labels, double truth) {
    long seed = 11;
    Random random = new Random(seed);
    int runs = 20_000;
    int held = 0;
    for (int run = 0; run < runs; run++) {
      Interval interval = Interval.ofShare(labels, binomial(random, labels, truth));
      held += interval.lower() <= truth && truth <= interval.upper() ? 1 : 0;
    }

    // The score interval's coverage oscillates around its level by up to two points at these sizes.
    assertThat((double) held / runs).as("seed %d", seed).isBetween(0.925, 0.98);
  }

  @ParameterizedTest(name = "{0} pairs, {1} and {2}")
  @CsvSource({"30, 0.10, 0.04", "100, 0.08, 0.08", "200, 0.15, 0.05"})
  void holdsAPairedDifferenceInAboutNinetyFiveOfAHundredCases(
      int pairs, double candidateAlone, double servingAlone) {
    long seed = 12;
    Random random = new Random(seed);
    int runs = 20_000;
    int held = 0;
    for (int run = 0; run < runs; run++) {
      int gained = 0;
      int discordant = 0;
      for (int pair = 0; pair < pairs; pair++) {
        double drawn = random.nextDouble();
        if (drawn < candidateAlone + servingAlone) {
          discordant++;
          gained += drawn < candidateAlone ? 1 : -1;
        }
      }
      Interval interval = Interval.ofPairedDifference(pairs, gained, discordant);
      double truth = candidateAlone - servingAlone;
      held += interval.lower() <= truth && truth <= interval.upper() ? 1 : 0;
    }

    assertThat((double) held / runs).as("seed %d", seed).isBetween(0.93, 0.985);
  }

  static int binomial(Random random, int labels, double truth) {
    int correct = 0;
    for (int i = 0; i < labels; i++) {
      correct += random.nextDouble() < truth ? 1 : 0;
    }
    return correct;
  }
}
