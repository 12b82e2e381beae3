package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenTermsTest {

  private static TokenBook.Terms valid(Duration time) {
    return new TokenBook.Terms("terms", Role.VIEWER, Scope.FLEET, Optional.of(time), 0);
  }

  @Test
  void refusesValidityThatEndsOnNoDate() {
    for (Duration time :
        List.of(
            Duration.ZERO,
            Duration.ofMillis(-1),
            Duration.ofDays(36_500).plusMillis(1),
            Duration.ofMillis(Long.MAX_VALUE))) {
      assertThatThrownBy(() -> valid(time))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("valid: ");
    }
    assertThat(valid(Duration.ofDays(36_500)).valid()).isPresent();
  }
}
