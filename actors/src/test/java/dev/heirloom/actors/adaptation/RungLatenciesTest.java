package dev.heirloom.actors.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ladders of four rungs of k ms each; the larger, the more of it is convolution (probe 1 of 3). */
class RungLatenciesTest {

  private static final ProbeTimes MAKER = new ProbeTimes(1, List.of(1_000L, 50_000L, 20_000L));
  private static final ClassPrior PRIOR = new ClassPrior(0.5, 3);

  private static LadderTiming timing(int threads, ProbeTimes probes) {
    List<LadderTiming.OfRung> rungs = new ArrayList<>();
    for (int k = 1; k <= 4; k++) {
      double convolution = 0.2 * k;
      rungs.add(
          new LadderTiming.OfRung(1_000_000L * k, List.of(0.1, convolution, 0.9 - convolution)));
    }
    return new LadderTiming(threads, probes, rungs);
  }

  private static Ladder ladder(LadderTiming... timings) {
    return new Ladder(Fixtures.ladder(4).rungs(), List.of(timings));
  }

  private static DeviceProfile device(ProbeTimes probes) {
    return device(1, probes);
  }

  private static DeviceProfile device(int threads, ProbeTimes probes) {
    return new DeviceProfile("pi", 4, 0, List.of(), Map.of(), "1.0", threads, probes);
  }

  private static DeviceProfile device(double... slower) {
    List<Long> times = new ArrayList<>();
    for (int probe = 0; probe < slower.length; probe++) {
      times.add(Math.round(slower[probe] * MAKER.ns().get(probe)));
    }
    return device(new ProbeTimes(1, times));
  }

  private static RungLatencies expected(DeviceProfile device) {
    return RungLatencies.expected(ladder(timing(1, MAKER)), device).orElseThrow();
  }

  @Test
  void theMakersMachineIsAsFastAsItWas() {
    RungLatencies same = expected(device(1, 1, 1));
    for (int k = 1; k <= 4; k++) {
      assertThat(same.p50Ns(k)).isEqualTo(1_000_000L * k);
      assertThat(same.error(k)).isEqualTo(0.05, within(1e-9));
    }
  }

  @Test
  void aDeviceThatIsTwiceAsSlowAtEverythingTakesTwiceAsLong() {
    RungLatencies slow = expected(device(2, 2, 2));
    for (int k = 1; k <= 4; k++) {
      assertThat(slow.p50Ns(k)).isEqualTo(2_000_000L * k);
      assertThat(slow.lowLoadP95Ns(k)).isEqualTo(Math.round(1.3 * 2_000_000L * k));
      assertThat(slow.error(k)).isEqualTo(0.05, within(1e-9));
    }
  }

  @Test
  void whereOnlyConvolutionsAreSlowRungsWithMoreOfThemSlowDownMore() {
    RungLatencies slow = expected(device(1, 3, 1));
    double before = 1;
    for (int k = 1; k <= 4; k++) {
      double factor = slow.p50Ns(k) / (1e6 * k);
      assertThat(factor).as("rung %d", k).isEqualTo(1 + 2 * 0.2 * k, within(1e-6));
      assertThat(factor).isGreaterThan(before);
      before = factor;
    }
    assertThat(slow.error(2)).as("a split that is half right").isGreaterThan(0.15);
  }

  @Test
  void aSlowerProbeNeverMakesARungFaster() {
    long seed = 20_261_127;
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 500; trial++) {
      double[] slower = random.doubles(3, 0.1, 10).toArray();
      RungLatencies before = expected(device(slower));
      slower[random.nextInt(3)] *= 1 + random.nextDouble();
      RungLatencies after = expected(device(slower));
      for (int k = 1; k <= 4; k++) {
        assertThat(after.p50Ns(k))
            .as("seed %d, trial %d, rung %d", seed, trial, k)
            .isGreaterThanOrEqualTo(before.p50Ns(k));
      }
    }
  }

  @Test
  void predictsFromTheThreadSettingThatIsNearestToTheDevices() {
    LadderTiming one = timing(1, MAKER);
    LadderTiming two = timing(2, new ProbeTimes(1, List.of(1_200L, 27_000L, 19_000L)));
    ProbeTimes probes = new ProbeTimes(1, List.of(2_500L, 55_000L, 37_000L));
    for (int threads : List.of(1, 2, 4)) {
      LadderTiming nearest = threads == 1 ? one : two;
      assertThat(top(device(threads, probes), one, two))
          .as("%d threads", threads)
          .isEqualTo(top(device(threads, probes), two, one))
          .isEqualTo(top(device(threads, probes), nearest));
    }
  }

  @Test
  void predictsForUnknownThreadsFromTheSettingWhoseProbesDifferMostEvenly() {
    LadderTiming one = timing(1, MAKER);
    LadderTiming two = timing(2, new ProbeTimes(1, List.of(1_200L, 27_000L, 19_000L)));
    DeviceProfile device = device(0, new ProbeTimes(1, List.of(2_500L, 55_000L, 37_000L)));
    assertThat(top(device, one, two)).isEqualTo(top(device, two)).isNotEqualTo(top(device, one));
  }

  private static long top(DeviceProfile device, LadderTiming... timings) {
    return RungLatencies.expected(ladder(timings), device).orElseThrow().p50Ns(4);
  }

  @Test
  void saysNothingWithoutProbesOfOneSetOnBothSides() {
    Ladder timed = ladder(timing(1, MAKER));
    assertThat(RungLatencies.expected(timed, device(ProbeTimes.NONE))).isEmpty();
    assertThat(RungLatencies.expected(ladder(), device(1, 1, 1))).isEmpty();
    assertThat(RungLatencies.expected(timed, device(new ProbeTimes(2, MAKER.ns())))).isEmpty();
    assertThat(RungLatencies.expected(timed, device(new ProbeTimes(1, List.of(1L))))).isEmpty();
  }

  @Test
  void extremeTimesGiveATimeThatCanBeComparedStill() {
    List<Long> longest = List.of(ProbeTimes.MOST_NS, ProbeTimes.MOST_NS, ProbeTimes.MOST_NS);
    Ladder ladder = ladder(timing(1, new ProbeTimes(1, List.of(1L, 1L, 1L))));
    DeviceProfile slow = device(new ProbeTimes(1, longest));
    assertThat(RungLatencies.expected(ladder, slow).orElseThrow().p50Ns(4)).isPositive();
    assertThat(RungLatencies.expected(ladder, slow).orElseThrow().in(ladder).top().latencyP50Ns())
        .isPositive();
    DeviceProfile fast = device(new ProbeTimes(1, List.of(1L, 1L, 1L)));
    Ladder slowMaker = ladder(timing(1, new ProbeTimes(1, longest)));
    assertThat(RungLatencies.expected(slowMaker, fast).orElseThrow().p50Ns(1)).isEqualTo(1);
  }

  @Test
  void termsHoldTheLadderAsItIsOnTheDevice() {
    Terms terms =
        new Terms(ladder(timing(1, MAKER)), device(2, 2, 2), Budget.NONE, PRIOR, Set.of());
    assertThat(terms.ladder().rung(3).latencyP50Ns()).isEqualTo(6_000_000);
    assertThat(terms.ladder().rung(3).latencyP95Ns()).isEqualTo(7_200_000);
    assertThat(terms.prior()).isEqualTo(PRIOR);
    Terms again =
        new Terms(terms.ladder(), terms.profile(), terms.budget(), terms.prior(), Set.of());
    assertThat(again).isEqualTo(terms);
    Terms plain = new Terms(ladder(), device(ProbeTimes.NONE), Budget.NONE, PRIOR, Set.of());
    assertThat(plain.ladder()).isEqualTo(ladder());
    assertThat(plain.prior()).isEqualTo(PRIOR);
  }

  @Test
  void whatAClassOfProbedDevicesLearntIsNotUsedWhereNothingIsPredicted() {
    Terms terms = new Terms(ladder(), device(1, 1, 1), Budget.NONE, PRIOR, Set.of());
    assertThat(terms.prior()).isEqualTo(ClassPrior.NONE);
    assertThat(ClassKey.of(device(1, 1, 1))).isNotEqualTo(ClassKey.of(device(ProbeTimes.NONE)));
    assertThat(ClassKey.of(device(1, 1, 1))).isEqualTo(ClassKey.of(device(2, 2, 2)));
  }
}
