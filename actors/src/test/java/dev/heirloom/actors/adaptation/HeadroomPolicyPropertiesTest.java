package dev.heirloom.actors.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.runtime.family.Ladder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every sequence of windows; a failure's display name has its seed. */
class HeadroomPolicyPropertiesTest {

  private final RankPolicy policy = new HeadroomPolicy();

  static LongStream seeds() {
    return LongStream.range(0, 150);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void keepsTheRungInRangeForAnyWindowsAndBudgets(long seed) {
    Random random = new Random(seed);
    SimulatedDevice device = random(random);
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(20) == 0) {
        device.changeBudget(budget(random));
      }
      device.window(random.nextDouble() * 100, random.nextInt(60));

      assertThat(device.rung()).isBetween(1, device.ladder.size());
      assertThat(device.choices).allSatisfy(c -> assertThat(c.reason()).isNotBlank());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void neverRecommendsALowerRungForMoreBudget(long seed) {
    Random random = new Random(seed);
    Ladder ladder = Fixtures.ladder(1 + random.nextInt(12));
    ClassPrior prior = prior(random);
    Budget less = budget(random);
    Budget more =
        new Budget(
            RandomLimits.more(less.p95LatencyNs(), random),
            RandomLimits.more(less.memoryBytes(), random),
            RandomLimits.more(less.sizeBytes(), random),
            less.leastAccuracy());

    assertThat(rungOf(ladder, more, prior)).isGreaterThanOrEqualTo(rungOf(ladder, less, prior));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void settlesOnConstantInputWithoutEverAlternating(long seed) {
    Random random = new Random(seed);
    SimulatedDevice device = random(random);
    double[] p95Ms = new double[device.ladder.size() + 1];
    for (int k = 1; k < p95Ms.length; k++) {
      p95Ms[k] = p95Ms[k - 1] + random.nextDouble() * 8;
    }

    device.windows(400, rung -> p95Ms[rung]);
    int settled = device.choices.size();
    device.windows(400, rung -> p95Ms[rung]);

    assertThat(device.choices).hasSize(settled);
    assertThat(returnsAfterLeaving(device.choices)).isLessThanOrEqualTo(device.ladder.size());
    if (device.budget.p95LatencyNs() > 0 && device.rung() > 1) {
      assertThat(p95Ms[device.rung()] * 1e6)
          .isLessThanOrEqualTo(Math.nextUp(device.budget.p95LatencyNs() + 1.0));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void neverRetriesARungThatBrokeTheSameBudgetOnConstantInput(long seed) {
    Random random = new Random(seed);
    SimulatedDevice device = SimulatedDevice.unknown(2 + random.nextInt(10), 10);
    double[] p95Ms = new double[device.ladder.size() + 1];
    for (int k = 1; k < p95Ms.length; k++) {
      p95Ms[k] = p95Ms[k - 1] + random.nextDouble() * 8;
    }
    Set<Integer> broken = new HashSet<>();
    for (int i = 0; i < 400; i++) {
      int before = device.rung();
      device.windows(1, rung -> p95Ms[rung]);
      if (device.rung() < before && p95Ms[before] > 10) {
        broken.add(before);
      }
      assertThat(broken).doesNotContain(device.rung() > 1 ? device.rung() : -1);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isBackSoonAfterALoadThatCameAndWent(long seed) {
    Random random = new Random(seed);
    int target = 4 + random.nextInt(2);
    SimulatedDevice device = SimulatedDevice.unknown(6, 1.4 * 2.8 * target);
    IntToDoubleFunction calm = rung -> 2.8 * rung * Math.exp(0.05 * random.nextGaussian());
    device.windows(60, calm);
    int before = device.rung();
    double load = 1.2 + random.nextDouble() * 0.8;
    device.windows(3 + random.nextInt(18), rung -> load * calm.applyAsDouble(rung));

    List<Integer> rungs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      device.windows(1, calm);
      rungs.add(device.rung());
    }

    assertThat(rungs).anyMatch(rung -> rung >= before - 1);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void staysWithinTwoKibibytes(long seed) {
    Random random = new Random(seed);
    SimulatedDevice device = new SimulatedDevice(40, Fixtures.budgetMs(20), new ClassPrior(0, 1));
    for (int i = 0; i < 400; i++) {
      device.window(random.nextDouble() * 60, 100);
      if (random.nextInt(5) == 0) {
        device.changeBudget(Fixtures.budgetMs(5 + random.nextDouble() * 100));
      }
    }

    assertThat(EncodedSize.of(device.state)).isLessThanOrEqualTo(2048);
  }

  private static int returnsAfterLeaving(List<Choice> choices) {
    List<Integer> left = new ArrayList<>();
    int returns = 0;
    for (Choice choice : choices) {
      returns += left.contains(choice.rung()) ? 1 : 0;
      left.add(choice.rung());
    }
    return returns;
  }

  private int rungOf(Ladder ladder, Budget budget, ClassPrior prior) {
    return policy.recommend(ladder, Fixtures.PROFILE, budget, prior).rung();
  }

  private static SimulatedDevice random(Random random) {
    return new SimulatedDevice(1 + random.nextInt(12), budget(random), prior(random));
  }

  private static ClassPrior prior(Random random) {
    return random.nextBoolean() ? ClassPrior.NONE : new ClassPrior(random.nextGaussian(), 3);
  }

  private static Budget budget(Random random) {
    return RandomLimits.budget(random, 0.9);
  }
}
