package dev.heirloom.actors.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.WindowReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for whatever policy the control plane runs, whatever windows it is shown; a failure's
 * display name has its seed.
 */
class RankPolicyPropertiesTest {
  private static final long[] HOSTILE_NS = {0, 1, 999, 1_000_000_000_000L, Long.MAX_VALUE};

  private final RankPolicy policy = new HeadroomPolicy();

  static LongStream seeds() {
    return LongStream.range(0, 150);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void keepsTheRungInRangeWhateverWindowsCome(long seed) {
    Random random = new Random(seed);
    Device device = new Device(random);
    for (int i = 0; i < 300; i++) {
      Verdict verdict =
          switch (random.nextInt(12)) {
            case 0 -> policy.termsChanged(device.otherTerms(random), device.state);
            case 1 -> stay(policy.learn(device.terms, device.state, hostile(device, random)));
            case 2 -> policy.decide(device.terms, device.state, usual(device, random));
            default -> policy.decide(device.terms, device.state, hostile(device, random));
          };
      device.apply(verdict);

      assertThat(device.state.rung()).as("window %d", i).isBetween(1, device.rungs());
      verdict
          .choice()
          .ifPresent(
              choice -> {
                assertThat(choice.rung()).isEqualTo(device.state.rung());
                assertThat(choice.reason()).isNotBlank().doesNotContain("NaN");
                assertThat(device.terms.blocked()).doesNotContain(choice.rung());
              });
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void choosesNoLowerRungForMoreBudget(long seed) {
    Random random = new Random(seed);
    Device device = new Device(random);
    Budget less = budget(random);
    Budget more =
        new Budget(
            RandomLimits.more(less.p95LatencyNs(), random),
            RandomLimits.more(less.memoryBytes(), random),
            RandomLimits.more(less.sizeBytes(), random),
            less.leastAccuracy());

    assertThat(recommended(device, more)).isGreaterThanOrEqualTo(recommended(device, less));
    assertThat(first(device, more)).isGreaterThanOrEqualTo(first(device, less));
    assertThat(first(device, less))
        .as("a recommendation is what a device is then assigned")
        .isEqualTo(recommended(device, less));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void namesAMissExactlyWhereTheRecommendedRungHasOne(long seed) {
    Random random = new Random(seed);
    Device device = new Device(random);
    Budget budget = budget(random);
    Terms terms = device.terms(budget);

    Recommendation found = policy.recommend(terms.ladder(), terms.profile(), budget, terms.prior());

    boolean fits = terms.fits(found.rung()) && terms.accurate(found.rung());
    boolean inTime =
        budget.p95LatencyNs() == 0 || found.expectedP95Ns() <= budget.p95LatencyNs() + 1;
    assertThat(found.feasible()).isEqualTo(fits && inTime);
    assertThat(found.misses()).allSatisfy(miss -> assertThat(miss.by()).isPositive());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void isTheSameForADeviceWhateverTheOthersDoAndInWhateverOrder(long seed) {
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4));
    List<List<Integer>> histories = histories(seed, order);
    Collections.shuffle(order, new Random(seed));

    assertThat(histories(seed, order)).isEqualTo(histories);
    assertThat(histories(seed, List.of(3)).get(3)).isEqualTo(histories.get(3));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void doesNotAlternateOnConstantInput(long seed) {
    Random random = new Random(seed);
    Device device = new Device(random);
    long[] p95Ns = new long[device.rungs() + 1];
    for (int rung = 1; rung < p95Ns.length; rung++) {
      p95Ns[rung] = p95Ns[rung - 1] + random.nextInt(8_000_000);
    }
    List<Integer> rungs = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      int rung = device.state.rung();
      device.apply(
          policy.decide(device.terms, device.state, device.window(rung, p95Ns[rung], 100, false)));
      rungs.add(device.state.rung());
    }

    assertThat(rungs.subList(300, 600)).as("%s", rungs).containsOnly(rungs.get(299));
  }

  private List<List<Integer>> histories(long seed, List<Integer> order) {
    List<Device> devices = new ArrayList<>();
    List<Random> randoms = new ArrayList<>();
    List<List<Integer>> rungs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      randoms.add(new Random(31 * seed + i));
      devices.add(new Device(randoms.get(i)));
      rungs.add(new ArrayList<>());
    }
    for (int window = 0; window < 60; window++) {
      for (int i : order) {
        Device device = devices.get(i);
        device.apply(policy.decide(device.terms, device.state, usual(device, randoms.get(i))));
        rungs.get(i).add(device.state.rung());
      }
    }
    return rungs;
  }

  private int recommended(Device device, Budget budget) {
    Terms terms = device.terms;
    return policy.recommend(terms.ladder(), terms.profile(), budget, terms.prior()).rung();
  }

  private int first(Device device, Budget budget) {
    return policy.first(device.terms(budget), PolicyState.BLANK).choice().orElseThrow().rung();
  }

  private static Verdict stay(PolicyState state) {
    return new Verdict(state, Optional.empty());
  }

  private static WindowReport usual(Device device, Random random) {
    return device.window(
        device.state.rung(), 1 + random.nextInt(40_000_000), 20 + random.nextInt(200), false);
  }

  /** Of another rung, without requests, beyond all measure, late, or out of order. */
  private static WindowReport hostile(Device device, Random random) {
    if (random.nextInt(4) == 0) {
      device.sequence = Math.max(0, device.sequence - random.nextInt(5));
    }
    int rung = random.nextInt(4) == 0 ? 1 + random.nextInt(40) : device.state.rung();
    long p95Ns = HOSTILE_NS[random.nextInt(HOSTILE_NS.length)];
    long count = random.nextInt(3) == 0 ? 0 : Math.abs(random.nextLong() >> 1);
    return device.window(rung, p95Ns, count, random.nextInt(5) == 0);
  }

  private static Budget budget(Random random) {
    return RandomLimits.budget(random, 0.85);
  }

  /** A device of a random ladder, budget and class. */
  private static final class Device {
    private final PublishedFamily family;
    private final DeviceProfile profile;
    private final ClassPrior prior;
    private Terms terms;
    private PolicyState state = PolicyState.BLANK;
    private long sequence = 1;

    Device(Random random) {
      family = Fixtures.family("f", "1", 1 + random.nextInt(16));
      profile = Fixtures.PROFILE;
      prior = random.nextBoolean() ? ClassPrior.NONE : new ClassPrior(random.nextGaussian(), 3);
      terms = terms(budget(random));
      apply(new HeadroomPolicy().first(terms, state));
    }

    int rungs() {
      return family.ladder().size();
    }

    Terms terms(Budget budget) {
      return new Terms(family.ladder(), profile, budget, prior, Set.of());
    }

    Terms otherTerms(Random random) {
      terms = terms(budget(random));
      return terms;
    }

    void apply(Verdict verdict) {
      state = verdict.next();
    }

    WindowReport window(int rung, long p95Ns, long requests, boolean late) {
      sequence++;
      LatencySummary latency =
          new LatencySummary(requests, Math.min(p95Ns, 1), p95Ns, p95Ns, p95Ns);
      return new WindowReport(
          sequence,
          sequence,
          Instant.EPOCH,
          Duration.ofSeconds(10),
          family.name(),
          family.manifest(),
          rung,
          Source.TRAFFIC,
          latency,
          latency,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          Double.NaN,
          late);
    }
  }
}
