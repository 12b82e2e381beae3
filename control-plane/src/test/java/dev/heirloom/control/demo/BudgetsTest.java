package dev.heirloom.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetsTest {
  private final Ladder ladder =
      new Ladder(List.of(rung(1, 1_000_000), rung(2, 1_600_000), rung(3, 2_400_000)));
  private final Budgets budgets = new Budgets(ladder);

  @Test
  void leavesRoomForTheRungAndNotForTheNextOne() {
    List<Long> smallestP95Ns = List.of(2_000_000L, 1_900_000L, 40_000_000L);
    List<Long> topP95Ns = List.of(4_800_000L, 4_700_000L, 90_000_000L);

    double enteredAtNs = Budgets.ENTERED_AT * budgets.roomForNs(2, smallestP95Ns, topP95Ns);

    assertThat(enteredAtNs).isBetween(3_200_000.0, 4_800_000.0);
  }

  @Test
  void expectsNothingOddWhereNoiseHidesTheDifference() {
    double enteredAtNs =
        Budgets.ENTERED_AT * budgets.roomForNs(1, List.of(9_000_000L), List.of(4_800_000L));

    assertThat(enteredAtNs).isBetween(2_000_000.0, 3_200_000.0);
  }

  @Test
  void leavesRoomForEveryRung() {
    assertThat(budgets.roomyNs()).isGreaterThan(5 * ladder.top().latencyP50Ns());
  }

  private static RungFigures rung(int rung, long latencyNs) {
    return new RungFigures(
        rung,
        List.of(16 * rung),
        1000L * rung,
        1000L * rung,
        4000L * rung,
        0.9,
        0.9,
        latencyNs,
        latencyNs,
        4000L * rung);
  }
}
