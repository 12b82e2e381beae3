package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyRoundsTest {
  @ParameterizedTest
  @CsvSource({"0, 40", "1, 40", "25, 40", "26, 38", "50, 20", "66, 15", "67, 15", "5000, 15"})
  void thereAreAsManyRoundsAsPatienceAllowsBetweenTheFewestAndTheMost(long roundNs, int expected) {
    assertThat(Latency.rounds(roundNs, 15, 40, 1000)).isEqualTo(expected);
  }
}
