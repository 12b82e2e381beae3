package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void alignsTheFirstColumnLeftAndTheOthersRight() {
    Table table = new Table("rung", "p50").row("1", "0.91 ms").row("teacher", "12.00 ms");

    assertThat(table.lines())
        .containsExactly("rung           p50", "1          0.91 ms", "teacher   12.00 ms");
  }

  @Test
  void leavesNoBlanksAtTheEndOfALine() {
    assertThat(new Table("a", "b").row("x", "").lines()).allSatisfy(this::isStripped);
  }

  private void isStripped(String line) {
    assertThat(line).isEqualTo(line.stripTrailing());
  }

  @Test
  void refusesARowWithTooFewCells() {
    assertThatThrownBy(() -> new Table("a", "b").row("x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cells: 1 (expected: 2)");
  }
}
