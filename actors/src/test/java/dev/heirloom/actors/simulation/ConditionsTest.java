package dev.heirloom.actors.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConditionsTest {

  private final Conditions usual = Conditions.usual();

  @Test
  void changesEveryFigureByItsNameAndNoOther() {
    for (Map.Entry<String, Double> figure : usual.values().entrySet()) {
      double other = figure.getValue() / 2 + 0.003;
      Map<String, Double> changed = usual.with(figure.getKey(), other).values();

      assertThat(changed).containsEntry(figure.getKey(), other).hasSameSizeAs(usual.values());
      assertThat(changed.entrySet().stream().filter(e -> !usual.values().entrySet().contains(e)))
          .hasSize(1);
    }
  }

  @Test
  void refusesWhatThereIsNotAndWhatCannotBe() {
    assertThatThrownBy(() -> usual.with("steps.perWeek", 1))
        .hasMessageStartingWith("steps.perWeek: no such condition (expected one of: speeds.");
    assertThatThrownBy(() -> usual.with("speeds.oddShare", 1.5))
        .hasMessage("speeds.oddShare: 1.5 (expected: 0..1)");
    assertThatThrownBy(() -> usual.with("measuring.tailIndex", 0))
        .hasMessage("measuring.tailIndex: 0.0 (expected: above 0)");
    assertThatThrownBy(() -> usual.with("drift.ageing", Double.NaN))
        .hasMessage("drift.ageing: NaN (expected: 0 or more)");
  }
}
