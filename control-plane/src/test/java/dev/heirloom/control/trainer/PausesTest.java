package dev.heirloom.control.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PausesTest {
  @Test
  void growToALongestAndAreNotAllTheSame() {
    Pauses pauses = new Pauses();
    assertThat(pauses.next()).isLessThan(Pauses.FIRST_MS * 2);
    for (int i = 0; i < 10; i++) {
      pauses.next();
    }
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      seen.add(pauses.next());
    }
    assertThat(seen).hasSizeGreaterThan(5);
    assertThat(seen)
        .allSatisfy(ms -> assertThat(ms).isBetween(Pauses.LONGEST_MS / 2, Pauses.LONGEST_MS * 2));
    pauses.restart();
    assertThat(pauses.next()).isLessThan(Pauses.FIRST_MS * 2);
  }
}
