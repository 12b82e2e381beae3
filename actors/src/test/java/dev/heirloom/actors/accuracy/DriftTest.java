package dev.heirloom.actors.accuracy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.WindowReport;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of 100 answers differ by 0.02 in confidence and 0.06 nats in entropy. */
class DriftTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 3);
  private static final double NOISE = 0.02;

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  @ParameterizedTest(name = "{0} answers or so, related by {1}")
  @CsvSource({"100, -0.9", "100, 0", "30, -0.9", "2000, -0.9"})
  void raisesAtMostOneFalseAlarmInFiveThousandWindows(int answers, double related) {
    long seed = 21;
    Random random = new Random(seed);
    int windows = 0;
    int alarms = 0;
    for (int device = 0; device < 400; device++) {
      Drift drift = Drift.NONE;
      for (int window = 0; window < 1000; window++) {
        windows++;
        drift = drift.with(noise(random, answers(random, answers), related, 0));
        if (drift.shifted()) {
          alarms++;
          drift = Drift.NONE;
        }
      }
    }

    assertThat(alarms).as("of %d windows, seed %d", windows, seed).isLessThan(windows / 5000);
  }

  @ParameterizedTest(name = "after {0} windows")
  @CsvSource({"30, 25", "100, 14", "1000, 14"})
  void findsAShiftOfTwoStandardDeviationsSoon(int reference, int most) {
    long seed = 22;
    Random random = new Random(seed);
    int[] delays = new int[500];
    for (int device = 0; device < delays.length; device++) {
      Drift drift = Drift.NONE;
      for (int window = 0; window < reference; window++) {
        drift = drift.with(noise(random, 100, -0.9, 0));
      }
      while (!drift.shifted() && delays[device] < 100) {
        delays[device]++;
        drift = drift.with(noise(random, 100, -0.9, -2));
      }
    }
    Arrays.sort(delays);

    assertThat(delays[delays.length / 2]).as("seed %d", seed).isLessThanOrEqualTo(9);
    assertThat(delays[delays.length * 9 / 10]).as("seed %d", seed).isLessThanOrEqualTo(most);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void findsShiftsEitherWayAndSeesThemEnd(long seed) {
    Random random = new Random(seed);
    double shift = random.nextBoolean() ? 3 : -3;
    Drift drift = Drift.NONE;
    for (int window = 0; window < 60; window++) {
      drift = drift.with(noise(random, 100, -0.9, 0));
    }
    for (int window = 0; window < 12; window++) {
      drift = drift.with(noise(random, 100, -0.9, shift));
    }
    assertThat(drift.shifted()).as("seed %d", seed).isTrue();
    assertThat(drift.described())
        .contains(shift > 0 ? "mean confidence rose from" : "mean confidence fell from");

    int back = 0;
    while (drift.shifted() && back < 60) {
      back++;
      drift = drift.with(noise(random, 100, -0.9, 0));
    }

    assertThat(back).as("seed %d", seed).isLessThan(40);
    assertThat(drift.described()).isEmpty();
  }

  @Test
  void aSingleOddWindowIsNoDrift() {
    Drift drift = steady(50);

    assertThat(drift.with(window(100, 0.01, 50)).shifted()).isFalse();
  }

  @Test
  void findsAShiftOfWhatNeverVaried() {
    Drift drift = steady(50);
    assertThat(drift.shifted()).isFalse();
    for (int i = 0; i < 3; i++) {
      drift = drift.with(window(100, 0.7, 0.9));
    }

    assertThat(drift.shifted()).isTrue();
    assertThat(drift.described())
        .startsWith("mean confidence fell from 90.0 % to ")
        .contains(", mean entropy rose from 0.30 nats to ");
  }

  @Test
  void doesNotMindChangesThatNobodyWould() {
    Drift drift = steady(100);
    for (int i = 0; i < 1000; i++) {
      drift = drift.with(window(100, 0.904, 0.31));
    }

    assertThat(drift.shifted()).isFalse();
  }

  @Test
  void takesNoNoticeOfWindowsThatSayNothing() {
    Drift drift = steady(50);

    assertThat(drift.with(window(4, 0.1, 3))).as("few answers").isEqualTo(drift);
    assertThat(drift.with(window(100, 0, 0))).as("no scores").isEqualTo(drift);
    assertThat(drift.with(window(100, -7, 0))).as("no confidence").isEqualTo(drift);
  }

  @Test
  void survivesNumbersThatNoSoftmaxGives() {
    Drift drift = steady(50);
    for (double odd : new double[] {1e308, 1e-320, 3, Double.MAX_VALUE}) {
      for (int i = 0; i < 20; i++) {
        drift = drift.with(window(Long.MAX_VALUE, odd, -odd)).with(window(100, odd, odd));
      }
    }

    for (Signal signal : new Signal[] {drift.confidence(), drift.entropy()}) {
      assertThat(signal.mean()).isFinite();
      assertThat(signal.squares()).isFinite();
      assertThat(signal.recent()).isFinite();
      assertThat(signal.up() + signal.down()).isFinite();
    }
  }

  /** Quantiles of Student's t that tables give, and the normal ones that they stand for. */
  @ParameterizedTest
  @CsvSource({"2.365, 7, 1.960", "3.499, 7, 2.576", "2.045, 29, 1.960", "-3.499, 7, -2.576"})
  void turnsStudentsTIntoANormalDeviate(double t, int degrees, double normal) {
    assertThat(Signal.normal(t, degrees)).isCloseTo(normal, within(0.01));
  }

  private static Drift steady(int windows) {
    Drift drift = Drift.NONE;
    for (int i = 0; i < windows; i++) {
      drift = drift.with(window(100, 0.9, 0.3));
    }
    return drift;
  }

  private static int answers(Random random, int around) {
    return Math.max(Drift.LEAST_ANSWERS, around / 2 + random.nextInt(around));
  }

  /** A window of a device whose confidence shifted by so many standard deviations. */
  private static WindowReport noise(Random random, int answers, double related, double shift) {
    double deviation = Math.sqrt(100.0 / Math.min(100, answers));
    double first = random.nextGaussian();
    double second = related * first + Math.sqrt(1 - related * related) * random.nextGaussian();
    return window(
        answers,
        0.8 + NOISE * (shift + deviation * first),
        0.6 + 3 * NOISE * (-shift + deviation * second));
  }

  private static WindowReport window(long answers, double confidence, double entropy) {
    return Fixtures.seen(Fixtures.window(2, FAMILY, 1, 2, answers), 0, 0, confidence, entropy);
  }
}
