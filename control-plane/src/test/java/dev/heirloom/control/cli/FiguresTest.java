package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void writesFiguresForPeople() {
    assertThat(Figures.percent(0.92307)).isEqualTo("92.31 %");
    assertThat(Figures.count(694_922)).isEqualTo("694,922");
    assertThat(Figures.millions(85_341_000)).isEqualTo("85.3 M");
    assertThat(Figures.milliseconds(1_742_000)).isEqualTo("1.742 ms");
    assertThat(Figures.clock(247)).isEqualTo("4:07");
  }

  @Test
  void picksTheUnitOfBytes() {
    assertThat(Figures.bytes(999)).isEqualTo("999 B");
    assertThat(Figures.bytes(2_779_688)).isEqualTo("2.8 MB");
    assertThat(Figures.bytes(3_000_000_000_000L)).isEqualTo("3.0 TB");
    assertThat(Figures.bytes(7_000_000_000_000_000L)).isEqualTo("7000.0 TB");
  }

  @Test
  void roundsFiguresForMachines() {
    assertThat(Figures.ms(1_234_567)).isEqualTo(1.2346);
    assertThat(Figures.rounded(1.0 / 3)).isEqualTo(0.333333);
  }
}
