package dev.heirloom.actors.simulation;

import static dev.heirloom.actors.simulation.Moments.at;
import static dev.heirloom.actors.simulation.Moments.changing;
import static dev.heirloom.actors.simulation.Moments.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Rung k takes k ms times the load, is 0.1 k accurate; the budget is 3 ms. */
class LedgerTest {

  private static final double CLOSE = 1e-12;

  private final Scenario scenario = Moments.scenario(1, 96);
  private final Ledger ledger = new Ledger(scenario);

  private Score score() {
    Ledger total = new Ledger(scenario);
    total.add(ledger);
    return total.score();
  }

  @Test
  void closesHalfTheGapHalfWayBetweenRungOneAndTheOracle() {
    ledger.saw(quiet(0, 1));
    ledger.saw(quiet(1, 3));

    assertThat(score().gapClosed()).isCloseTo(0.5, within(CLOSE));
    assertThat(score().regret()).isCloseTo(0.1, within(CLOSE));
  }

  @Test
  void leavesWindowsThatNoRungSuitsOutOfAccuracyAndViolations() {
    ledger.saw(quiet(0, 2));
    ledger.saw(at(1, 10, 4, 0, 100, 9, false, 1000));

    assertThat(score().accuracy()).isCloseTo(0.2, within(CLOSE));
    assertThat(score().overBudgetRatio()).isZero();
    assertThat(score().infeasibleRatio()).isEqualTo(0.5);
    assertThat(score().windows()).isEqualTo(2);
  }

  @Test
  void countsViolationsAfterThreeWindowsAndWithTwentyRequests() {
    ledger.saw(at(0, 2, 4, 3, 100, 1, false, 1000));
    ledger.saw(at(1, 3, 4, 3, 19, 1, false, 1000));
    ledger.saw(at(2, 4, 4, 3, 20, 1, false, 1000));
    ledger.saw(at(3, 5, 3, 3, 20, 1, false, 1000));

    assertThat(score().overBudgetRatio()).isEqualTo(0.5);
    assertThat(score().trulyOverRatio()).isEqualTo(0.5);
  }

  @Test
  void countsWindowsApartThatEvenTheFastestRungWouldHaveMeasuredOverBudget() {
    ledger.saw(at(0, 10, 1, 3, 100, 3.1, false, 1000));
    ledger.saw(at(1, 11, 4, 3, 100, 1, false, 1000));
    ledger.saw(at(2, 12, 2, 3, 100, 1, false, 1000));

    assertThat(score().overBudgetRatio()).isEqualTo(0.5);
    assertThat(score().unavoidableRatio()).isCloseTo(1.0 / 3, within(CLOSE));
  }

  @Test
  void countsChangesOnlyAnHourAfterJoiningAndAfterAStep() {
    ledger.saw(changing(at(0, 59, 2, 3, 100, 1, false, 1000)));
    ledger.saw(changing(at(1, 60, 2, 3, 100, 1, false, 59)));
    ledger.saw(changing(at(2, 60, 2, 3, 100, 1, false, 60)));
    for (int window = 3; window < 27; window++) {
      ledger.saw(quiet(window, 2));
    }

    assertThat(score().changesPer50()).isCloseTo(2, within(CLOSE));
  }

  @Test
  void countsTheWindowsUntilAStepIsAnswered() {
    ledger.saw(at(0, 9, 3, 3, 100, 1, false, 1000));
    ledger.saw(at(1, 10, 3, 2, 100, 1.5, true, 0));
    ledger.saw(at(2, 11, 3, 2, 100, 1.5, false, 1));
    ledger.saw(at(3, 12, 3, 2, 3, 1.5, false, 2));
    ledger.saw(at(4, 13, 2, 2, 100, 1.5, false, 3));

    assertThat(score().recoveries()).isEqualTo(1);
    assertThat(score().recoveryMean()).isEqualTo(2);
  }

  @Test
  void doesNotCountAStepOnADeviceThatWasOverBudgetBefore() {
    ledger.saw(at(0, 9, 4, 3, 100, 1, false, 1000));
    ledger.saw(at(1, 10, 4, 2, 100, 1.5, true, 0));
    ledger.saw(at(2, 11, 2, 2, 100, 1.5, false, 1));

    assertThat(score().recoveries()).isZero();
  }

  @Test
  void dropsAStepThatLeavesNoRungWithinTheBudget() {
    ledger.saw(at(0, 9, 3, 3, 100, 1, false, 1000));
    ledger.saw(at(1, 10, 3, 0, 100, 4, true, 0));
    ledger.saw(at(2, 11, 1, 3, 100, 1, false, 1));

    assertThat(score().recoveries()).isZero();
  }

  @Test
  void countsAStepThatIsNeverAnsweredAsLongAsItLasted() {
    ledger.saw(at(0, 9, 3, 3, 100, 1, false, 1000));
    for (int window = 1; window <= 40; window++) {
      ledger.saw(at(window, 9 + window, 3, 2, 100, 1.5, window == 1, window - 1));
    }

    assertThat(score().recoveryP95()).isEqualTo(40);
  }

  @Test
  void takesThePercentileByNearestRank() {
    int window = 0;
    for (int step = 0; step < 20; step++) {
      ledger.saw(at(window++, 9, 3, 3, 100, 1, false, 1000));
      int length = step == 0 ? 7 : 2;
      for (int i = 0; i < length; i++) {
        ledger.saw(at(window++ % 100, 9, 3, 2, 100, 1.5, i == 0, i));
      }
    }

    assertThat(score().recoveries()).isEqualTo(20);
    assertThat(score().recoveryP95()).isEqualTo(2);
    assertThat(score().recoveryMean()).isCloseTo((7 + 19 * 2) / 20.0, within(CLOSE));
  }

  @Test
  void addsUpRunsAsIfTheyWereOne() {
    Ledger other = new Ledger(scenario);
    ledger.saw(quiet(0, 1));
    other.saw(quiet(0, 3));
    other.saw(quiet(1, 4));
    Ledger total = new Ledger(scenario);
    total.add(ledger);
    total.add(other);

    assertThat(total.score().accuracy()).isCloseTo(0.8 / 3, within(CLOSE));
    assertThat(total.score().overBudgetRatio()).isCloseTo(1.0 / 3, within(CLOSE));
    assertThat(total.timeline().meanRung(0)).isCloseTo(2, within(CLOSE));
    assertThat(total.timeline().share(1, 4)).isEqualTo(1);
    assertThat(total.timeline().bestRung(0)).isEqualTo(3);
    assertThat(total.timeline().regret(0)).isCloseTo(0.1, within(CLOSE));
    assertThat(total.timeline().overBudget(1)).isEqualTo(1);
  }

  @Test
  void dominatesOnlyWithBothAccuracyAndViolations() {
    Score accurate = new Score(1, 0.3, 0.3, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0);
    Score safe = new Score(1, 0.2, 0.3, 0.1, 0.0, 0, 0, 0, 0, 0, 0, 0);
    Score both = new Score(1, 0.3, 0.3, 0.1, 0.0, 0, 0, 0, 0, 0, 0, 0);

    assertThat(accurate.dominates(safe)).isFalse();
    assertThat(safe.dominates(accurate)).isFalse();
    assertThat(both.dominates(accurate)).isTrue();
    assertThat(both.dominates(safe)).isTrue();
  }
}
