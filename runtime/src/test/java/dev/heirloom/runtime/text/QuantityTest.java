package dev.heirloom.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuantityTest {

  @Test
  void readsTimesOfEveryUnit() {
    assertThat(Quantity.duration("5ms")).isEqualTo(Duration.ofMillis(5));
    assertThat(Quantity.duration("1.5ms")).isEqualTo(Duration.ofNanos(1_500_000));
    assertThat(Quantity.duration("800us")).isEqualTo(Duration.ofNanos(800_000));
    assertThat(Quantity.duration("250 ns")).isEqualTo(Duration.ofNanos(250));
    assertThat(Quantity.duration("10s")).isEqualTo(Duration.ofSeconds(10));
    assertThat(Quantity.duration("2m")).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void readsSizesOfEveryUnit() {
    assertThat(Quantity.bytes("100000")).isEqualTo(100_000);
    assertThat(Quantity.bytes("64MB")).isEqualTo(64_000_000);
    assertThat(Quantity.bytes("512KiB")).isEqualTo(512 << 10);
    assertThat(Quantity.bytes("1.5GiB")).isEqualTo(3L << 29);
    assertThat(Quantity.bytes("2kb")).isEqualTo(2_000);
  }

  @Test
  void refusesWhatHasNoUnitOrNoSense() {
    for (String bad : List.of("", "5", "ms", "-5ms", "5 parsecs", "1e9s", "0ms", "5ms5", "NaNms")) {
      assertThatThrownBy(() -> Quantity.duration(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("'" + bad + "' (expected:");
    }
    for (String bad : List.of("", "MB", "-1MB", "0", "64 M B", "999999999999GB")) {
      assertThatThrownBy(() -> Quantity.bytes(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("'" + bad + "' (expected:");
    }
  }
}
