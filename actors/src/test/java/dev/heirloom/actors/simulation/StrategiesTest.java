package dev.heirloom.actors.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Rung k takes k ms where the family was made; the budget is 5.5 ms. */
class StrategiesTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 8);
  private static final Budget BUDGET = Fixtures.budgetMs(5.5);

  private int desired;
  private int serving;
  private int changes;
  private long sequence = 1;

  private static Strategy named(String name) {
    return Strategies.named(name, FAMILY.ladder().size()).orElseThrow();
  }

  private static DeviceSight sight(String deviceClass, boolean pioneer) {
    DeviceProfile profile = new DeviceProfile(deviceClass, 4, 0, List.of(), Map.of(), "", 1);
    return new DeviceSight("d-" + deviceClass, FAMILY.ladder(), profile, BUDGET, pioneer);
  }

  private Contender start(String name) {
    Contender contender = named(name).begin().contender(sight("pi", false));
    connect(contender);
    return contender;
  }

  private void connect(Contender contender) {
    desired = contender.connected();
    serving = desired;
  }

  private void windows(Contender contender, int count, long requests, IntToDoubleFunction p95Ms) {
    for (int i = 0; i < count; i++) {
      int before = desired;
      serving = desired;
      desired =
          contender.decide(
              Fixtures.window(sequence++, FAMILY, serving, p95Ms.applyAsDouble(serving), requests));
      changes += desired == before ? 0 : 1;
    }
  }

  @Test
  void keepsAFixedRungWhateverHappens() {
    Contender fixed = start("rung-6");
    windows(fixed, 50, 100, rung -> 10.0 * rung);

    assertThat(desired).isEqualTo(6);
    assertThat(changes).isZero();
  }

  @Test
  void addsARungAfterTenGoodWindowsAndHalvesAfterABadOne() {
    Contender aimd = start("aimd");
    windows(aimd, 11, 100, rung -> rung);
    assertThat(desired).isEqualTo(2);
    windows(aimd, 10, 100, rung -> rung);
    assertThat(desired).isEqualTo(2);
    windows(aimd, 1 + 11 + 11 + 11, 100, rung -> rung);
    assertThat(desired).isEqualTo(6);
    windows(aimd, 2, 100, rung -> rung);
    assertThat(desired).isEqualTo(3);
  }

  @Test
  void sawsForEverWithAdditiveIncrease() {
    Contender aimd = start("aimd");
    windows(aimd, 600, 100, rung -> rung);

    assertThat(changes).isGreaterThan(40);
  }

  @Test
  void believesNoWindowWithoutEnoughRequests() {
    for (String name : List.of("aimd", "hill")) {
      Contender contender = start(name);
      windows(contender, 100, 19, rung -> rung);

      assertThat(desired).as(name).isEqualTo(1);
    }
  }

  @Test
  void climbsRungByRungAndLosesPatienceWithWhatFails() {
    Contender hill = start("hill");
    windows(hill, 5 * 11, 100, rung -> rung);
    assertThat(desired).isEqualTo(6);
    windows(hill, 3, 100, rung -> rung);
    assertThat(desired).isEqualTo(5);
    changes = 0;
    windows(hill, 2000, 100, rung -> rung);
    assertThat(changes).isBetween(6, 16);
  }

  @Test
  void toleratesOneBadWindowWhenClimbing() {
    Contender hill = start("hill");
    windows(hill, 22, 100, rung -> rung);
    int before = desired;
    windows(hill, 2, 100, rung -> 9);
    assertThat(desired).isEqualTo(before);
    windows(hill, 1, 100, rung -> 9);
    assertThat(desired).isEqualTo(before - 1);
  }

  @Test
  void looksARungUpByWhatTheClassMeasuredBefore() {
    Strategy.Field field = named("table").begin();
    Contender pioneer = field.contender(sight("pi", true));
    connect(pioneer);
    windows(pioneer, 5, 100, rung -> 1.2 * rung);
    Contender known = field.contender(sight("pi", false));
    connect(known);

    assertThat(desired).isEqualTo(3);
    windows(known, 20, 100, rung -> 9);
    assertThat(desired).isEqualTo(3);
    connect(field.contender(sight("tablet", false)));
    assertThat(desired).isEqualTo(1);
  }

  @Test
  void learnsNoTableFromDevicesThatCameAfterTheStart() {
    Strategy.Field field = named("table").begin();
    Contender early = field.contender(sight("pi", false));
    connect(early);
    windows(early, 5, 100, rung -> rung);
    connect(field.contender(sight("pi", false)));

    assertThat(desired).isEqualTo(1);
  }

  @Test
  void foreseesTheBestRungAndTheSmallestWhereNoneFits() {
    Clairvoyant oracle = (Clairvoyant) named("oracle").begin().contender(sight("pi", false));

    assertThat(oracle.foresee(truth(4))).isEqualTo(4);
    assertThat(oracle.foresee(truth(0))).isEqualTo(1);
  }

  @Test
  void leavesTheHeadroomThatIsAskedOfAnOracle() {
    Clairvoyant ten = (Clairvoyant) named("oracle-9").begin().contender(sight("pi", false));
    Clairvoyant more = (Clairvoyant) named("oracle-11").begin().contender(sight("pi", false));

    assertThat(ten.foresee(truth(5))).isEqualTo(5);
    assertThat(more.foresee(truth(5))).isEqualTo(4);
    assertThat(Strategies.named("oracle-0", 8)).isEmpty();
    assertThat(Strategies.named("oracle-101", 8)).isEmpty();
  }

  private static Truth truth(int best) {
    return new Truth() {
      @Override
      public double p95Ns(int rung) {
        return 1e6 * rung;
      }

      @Override
      public int bestHeld() {
        return best();
      }

      @Override
      public int best() {
        return best;
      }
    };
  }

  @Test
  void runsTheRankPolicyAsATwinDoes() {
    Strategy.Field field = named("heirloom").begin();
    Contender first = field.contender(sight("pi", false));
    connect(first);
    assertThat(desired).isEqualTo(1);
    windows(first, 30, 100, rung -> rung);
    assertThat(desired).isGreaterThan(1).isLessThanOrEqualTo(5);

    connect(field.contender(sight("pi", false)));
    assertThat(desired).isGreaterThan(1).isLessThanOrEqualTo(5);
    connect(field.contender(sight("tablet", false)));
    assertThat(desired).isEqualTo(1);
  }

  @Test
  void onlyLearnsFromLateWindows() {
    Contender policy = start("heirloom");
    for (int i = 2; i < 30; i++) {
      policy.learn(Fixtures.window(i, FAMILY, 1, 0.01));
    }

    assertThat(policy.connected()).isEqualTo(1);
  }

  @Test
  void findsEveryStrategyByItsName() {
    for (Strategy strategy : Strategies.all(8)) {
      assertThat(named(strategy.name()).name()).isEqualTo(strategy.name());
    }
    assertThat(Strategies.named("rung-9", 8)).isEmpty();
    assertThat(Strategies.named("best", 8)).isEmpty();
    assertThat(Strategies.all(8)).extracting(Strategy::name).doesNotHaveDuplicates();
    assertThat(Strategies.all(1)).extracting(Strategy::name).doesNotHaveDuplicates();
  }
}
