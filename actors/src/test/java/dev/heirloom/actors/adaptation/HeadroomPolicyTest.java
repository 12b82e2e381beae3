package dev.heirloom.actors.adaptation;

import static dev.heirloom.actors.fleet.Fixtures.PROFILE;
import static dev.heirloom.actors.fleet.Fixtures.budgetMs;
import static dev.heirloom.actors.fleet.Fixtures.ladder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A window at rung k of an undisturbed device has a p95 of 2k ms: twice the ladder's latency. */
class HeadroomPolicyTest {

  private static final ClassPrior TWICE = new ClassPrior(Math.log(2), 3);

  private static double twice(int rung) {
    return 2.0 * rung;
  }

  @Test
  void startsAnUnknownClassOnTheSmallestRung() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);

    assertThat(device.rung()).isEqualTo(1);
    assertThat(device.last().reason())
        .isEqualTo(
            "nothing is known yet of the speed of class pi: rung 1 first, a larger one on evidence");
  }

  @Test
  void startsAnUnknownClassOnTheSmallestRungThatIsAccurateEnough() {
    Budget budget = new Budget(10_000_000, 0, 0, 0.925);

    assertThat(new SimulatedDevice(6, budget, ClassPrior.NONE).rung()).isEqualTo(4);
  }

  @Test
  void startsAKnownClassOnTheLargestRungWithHeadroom() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);

    assertThat(device.rung()).isEqualTo(4);
    assertThat(device.last().reason()).isEqualTo("rung 4 is expected at 8.00 ms");
  }

  @Test
  void startsOnTheTopRungWithoutLimits() {
    assertThat(new SimulatedDevice(6, Budget.NONE, ClassPrior.NONE).rung()).isEqualTo(6);
  }

  @Test
  void saysByHowMuchTheSmallestRungIsExpectedToMiss() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(1.5), TWICE);

    assertThat(device.rung()).isEqualTo(1);
    assertThat(device.last().reason())
        .isEqualTo("even rung 1 is expected at 2.00 ms, 0.50 ms over");
  }

  @Test
  void meetsMemoryAndSizeBeforeLatency() {
    assertThat(new SimulatedDevice(6, new Budget(0, 3_500_000, 0, 0), TWICE).rung()).isEqualTo(3);
    assertThat(new SimulatedDevice(6, new Budget(0, 0, 4_000_000, 0), TWICE).rung()).isEqualTo(2);
  }

  @Test
  void respectsTheMemoryOfTheDevice() {
    DeviceProfile small = new DeviceProfile("", 1, 2_500_000, List.of(), Map.of(), "", 1);

    assertThat(
            new HeadroomPolicy().recommend(ladder(6), small, Budget.NONE, ClassPrior.NONE).rung())
        .isEqualTo(2);
  }

  @Test
  void saysByHowMuchTheSmallestRungMissesMemory() {
    Recommendation recommendation =
        new HeadroomPolicy()
            .recommend(ladder(6), PROFILE, new Budget(0, 400_000, 0, 0), ClassPrior.NONE);

    assertThat(recommendation.rung()).isEqualTo(1);
    assertThat(recommendation.feasible()).isFalse();
    assertThat(recommendation.reason())
        .isEqualTo("even rung 1 needs 1.00 MB of memory, 0.60 MB over the limit 0.40 MB");
  }

  @Test
  void meetsLatencyBeforeAccuracyAndSaysSo() {
    Recommendation recommendation =
        new HeadroomPolicy()
            .recommend(ladder(6), PROFILE, new Budget(5_000_000, 0, 0, 0.95), TWICE);

    assertThat(recommendation.rung()).isEqualTo(2);
    assertThat(recommendation.expectedP95Ns()).isEqualTo(4_000_000);
    assertThat(recommendation.feasible()).isFalse();
    assertThat(recommendation.reason())
        .contains("accuracy of 91.0 % is 4.0 points under the 95.0 % asked for");
  }

  @Test
  void climbsStraightToTheLargestRungThatFitsAfterTwoGoodWindows() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);

    device.windows(2, HeadroomPolicyTest::twice);
    assertThat(device.rung()).isEqualTo(1);
    device.windows(1, HeadroomPolicyTest::twice);

    assertThat(device.rung()).isEqualTo(4);
    assertThat(device.last().reason())
        .isEqualTo(
            "p95 2.00 ms leaves room under the budget of 10.0 ms: rung 4 is expected at 8.00 ms");
  }

  @Test
  void demotesAtOnceToTheLargestRungThatIsExpectedToFit() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);
    device.windows(4, HeadroomPolicyTest::twice);

    device.windows(1, rung -> 4.0 * rung);

    assertThat(device.rung()).isEqualTo(2);
    assertThat(device.last().reason())
        .isEqualTo("p95 16.0 ms is over the budget of 10.0 ms: rung 2 is expected at 8.00 ms");
  }

  @Test
  void demotesFurtherWhereMuchIsTakenAway() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);
    device.windows(4, HeadroomPolicyTest::twice);

    device.windows(1, rung -> 4.5 * rung);

    assertThat(device.rung()).isEqualTo(1);
  }

  @Test
  void skipsTheFirstWindowAfterASwap() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);

    device.windows(1, rung -> 90);

    assertThat(device.rung()).isEqualTo(4);
  }

  @Test
  void skipsWindowsWithTooFewRequests() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);
    device.windows(2, HeadroomPolicyTest::twice);

    device.window(90, 19);

    assertThat(device.rung()).isEqualTo(4);
  }

  @Test
  void skipsWindowsOfAnotherRung() {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);
    device.windows(2, HeadroomPolicyTest::twice);

    Verdict verdict =
        new HeadroomPolicy()
            .decide(
                device.terms(),
                device.state,
                Fixtures.window(50, Fixtures.family("f", "1", 6), 6, 90));

    assertThat(verdict).isEqualTo(Verdict.stay(device.state));
  }

  @Test
  void tellsOnceThatTheSmallestRungMissesTheBudget() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 1.5);

    device.windows(20, HeadroomPolicyTest::twice);

    assertThat(device.choices).hasSize(2);
    assertThat(device.last())
        .isEqualTo(
            new Choice(
                1,
                "p95 2.00 ms is over the budget of 1.50 ms by 0.50 ms: rung 1 is the smallest that"
                    + " can be served"));
  }

  @Test
  void doesNotRetryARungThatBrokeTheBudget() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);

    device.windows(200, rung -> rung >= 4 ? 3.0 * rung : 2.0 * rung);

    assertThat(device.choices).extracting(Choice::rung).containsExactly(1, 4, 3);
  }

  @Test
  void retriesABrokenRungWhenTheBudgetRises() {
    SimulatedDevice device = SimulatedDevice.unknown(4, 10);
    device.windows(50, rung -> rung >= 4 ? 3.0 * rung : 2.0 * rung);
    assertThat(device.rung()).isEqualTo(3);

    device.changeBudget(budgetMs(15));

    assertThat(device.rung()).isEqualTo(4);
  }

  @Test
  void climbsAgainWhenALoadHasPassed() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(20, HeadroomPolicyTest::twice);
    assertThat(device.rung()).isEqualTo(4);

    device.windows(20, rung -> 5.0 * rung);
    assertThat(device.rung()).isEqualTo(1);
    device.windows(20, HeadroomPolicyTest::twice);

    assertThat(device.rung()).isEqualTo(4);
  }

  @Test
  void isWithinBudgetThreeWindowsAfterALoadStep() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(20, HeadroomPolicyTest::twice);

    device.windows(3, rung -> 4.0 * rung);

    assertThat(4.0 * device.rung()).isLessThanOrEqualTo(10);
    assertThat(device.choices).hasSize(3);
  }

  @Test
  void decidesAtOnceWhenTheBudgetIsCut() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(20, HeadroomPolicyTest::twice);

    device.changeBudget(budgetMs(5));

    assertThat(device.rung()).isEqualTo(2);
    assertThat(device.last().reason()).isEqualTo("rung 2 is expected at 4.00 ms");
  }

  @Test
  void staysWhereACutBudgetIsStillMet() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(20, HeadroomPolicyTest::twice);

    device.changeBudget(budgetMs(8.5));

    assertThat(device.rung()).isEqualTo(4);
    assertThat(device.choices).hasSize(2);
  }

  @Test
  void waitsForWindowsWhenNothingIsKnown() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);

    device.changeBudget(budgetMs(1));

    assertThat(device.choices).hasSize(1);
  }

  @Test
  void leavesARungThatNoLongerFitsInMemory() {
    SimulatedDevice device = new SimulatedDevice(6, Budget.NONE, ClassPrior.NONE);

    device.changeBudget(new Budget(0, 2_500_000, 0, 0));

    assertThat(device.rung()).isEqualTo(2);
  }

  @Test
  void neverChoosesABlockedRung() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.blocked = Set.of(3, 4);

    device.windows(50, HeadroomPolicyTest::twice);

    assertThat(device.choices).extracting(Choice::rung).containsExactly(1, 2);
  }

  @Test
  void choosesNothingWhereEveryRungIsBlocked() {
    SimulatedDevice device = SimulatedDevice.unknown(2, 10);
    device.blocked = Set.of(1, 2);

    assertThat(new HeadroomPolicy().first(device.terms(), PolicyState.BLANK).choice()).isEmpty();
  }

  @Test
  void keepsWhatItKnowsOfADeviceForTheNextFamily() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(20, HeadroomPolicyTest::twice);

    Verdict first = new HeadroomPolicy().first(device.terms(), device.state.forNewLadder());

    assertThat(first.next().rung()).isEqualTo(4);
  }

  @Test
  void comesBackSoonerWhereNoiseExplainedTheWindowOverBudget() {
    SimulatedDevice explained = noisy(new Random(1), 9);
    SimulatedDevice unexplained = noisy(new Random(1), 9);

    explained.window(10.1, 100);
    unexplained.window(15, 100);

    assertThat(explained.rung()).isEqualTo(3);
    assertThat(explained.state.memory(4).waiting(10_000_000)).isFalse();
    assertThat(unexplained.rung()).isEqualTo(2);
    assertThat(unexplained.state.memory(4).waiting(10_000_000)).isTrue();
  }

  @Test
  void leavesARungThatComesCloseToTheBudgetBeforeItBreaksIt() {
    SimulatedDevice device = noisy(new Random(1), 8.6);

    for (int i = 0; i < 40 && device.rung() == 4; i++) {
      device.window(Math.min(9.95, 8.6 + 0.1 * i), 100);
    }

    assertThat(device.rung()).isEqualTo(3);
    assertThat(device.last().reason()).contains("comes close to the budget of 10.0 ms");
  }

  @Test
  void comesBackAfterAWindowThatWasTheOnlyOne() {
    SimulatedDevice device = SimulatedDevice.unknown(6, 10);
    device.windows(40, HeadroomPolicyTest::twice);

    device.window(30, 100);
    assertThat(device.rung()).isLessThan(4);
    device.windows(8, HeadroomPolicyTest::twice);

    assertThat(device.rung()).isEqualTo(4);
  }

  @Test
  void keepsADistanceFromTheBudgetThatGrowsWithTheNoise() {
    SimulatedDevice calm = SimulatedDevice.unknown(6, 10);
    SimulatedDevice noisy = SimulatedDevice.unknown(6, 10);
    Random random = new Random(7);

    calm.windows(300, rung -> 2.3 * rung);
    noisy.windows(300, rung -> 2.3 * rung * Math.exp(0.1 * random.nextGaussian()));

    assertThat(calm.rung()).isEqualTo(4);
    assertThat(noisy.rung()).isEqualTo(3);
  }

  /** A device on rung 4 whose windows differ by about 5 %. */
  private static SimulatedDevice noisy(Random random, double p95Ms) {
    SimulatedDevice device = new SimulatedDevice(6, budgetMs(10), TWICE);
    for (int i = 0; i < 60; i++) {
      device.window(p95Ms * Math.exp(0.05 * (random.nextBoolean() ? 1 : -1)), 100);
    }
    return device;
  }
}
