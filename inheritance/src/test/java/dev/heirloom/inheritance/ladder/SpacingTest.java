package dev.heirloom.inheritance.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpacingTest {

  private static final List<Double> DOUBLING =
      IntStream.rangeClosed(0, 8).mapToObj(i -> Math.pow(2, i)).toList();
  private static final List<Double> LEVEL = IntStream.rangeClosed(0, 8).mapToObj(i -> 5.0).toList();

  @Test
  void theWidestGapIsHalvedOnALogScale() {
    Spacing spacing = new Spacing(DOUBLING, LEVEL);
    assertThat(spacing.between(Set.of(0, 8), Set.of())).contains(4);
    assertThat(spacing.between(Set.of(0, 2, 8), Set.of())).contains(5);
  }

  @Test
  void costAndParametersCountAlike() {
    List<Double> late =
        IntStream.rangeClosed(0, 8).mapToObj(i -> i < 6 ? 1.0 : Math.pow(2, i - 6.0)).toList();
    assertThat(new Spacing(LEVEL, late).between(Set.of(0, 8), Set.of())).contains(7);
    assertThat(new Spacing(DOUBLING, late).between(Set.of(0, 8), Set.of())).contains(6);
  }

  @Test
  void aRefusedPointGivesWayToItsNeighbour() {
    Spacing spacing = new Spacing(DOUBLING, DOUBLING);
    assertThat(spacing.between(Set.of(0, 8), Set.of(4)).orElseThrow()).isIn(3, 5);
    assertThat(spacing.between(Set.of(0, 2), Set.of(1))).isEmpty();
  }

  @Test
  void neighboursAreNoGap() {
    Spacing spacing = new Spacing(List.of(1.0, 1.01, 1.02, 10.0), List.of(1.0, 1.01, 1.02, 10.0));
    assertThat(spacing.between(Set.of(0, 2), Set.of())).isEmpty();
    assertThat(spacing.between(Set.of(3), Set.of())).isEmpty();
  }

  @Test
  void aNoisyCostThatFallsCountsAsLevel() {
    Spacing spacing = new Spacing(List.of(1.0, 4.0, 2.0, 16.0), List.of(3.0, 3.0, 3.0, 3.0));
    assertThat(spacing.between(Set.of(0, 3), Set.of())).contains(1);
  }
}
