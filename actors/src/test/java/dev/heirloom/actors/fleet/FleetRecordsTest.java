package dev.heirloom.actors.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FleetRecordsTest {

  @Test
  void namesTheFieldThatIsOutOfRange() {
    assertThatThrownBy(() -> new Budget(0, 0, 0, 1.5))
        .hasMessage("leastAccuracy: 1.5 (expected: 0..1)");
    assertThatThrownBy(() -> new Budget(-1, 0, 0, 0))
        .hasMessage("p95LatencyNs: -1 (expected: >= 0)");
    assertThatThrownBy(() -> new Budget(0, 0, 0, Double.NaN)).hasMessageContaining("leastAccuracy");
  }

  @Test
  void refusesProfilesWithoutMeasure() {
    Map<String, String> many =
        IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "label-" + i, i -> "value"));

    assertThatThrownBy(() -> new DeviceProfile("", 1, 0, List.of(), many, "", 1))
        .hasMessage("labels: 65 entries (expected: at most 64)");
    assertThatThrownBy(() -> new DeviceProfile("x".repeat(257), 1, 0, List.of(), Map.of(), "", 1))
        .hasMessageContaining("deviceClass: 257 characters");
    assertThatThrownBy(
            () -> new DeviceProfile("", 1, 0, Collections.nCopies(65, "CPU"), Map.of(), "", 1))
        .hasMessageContaining("executionProviders");
  }

  @Test
  void cutsWhatADeviceSaysAboutAFailure() {
    Outcome outcome =
        new Outcome(
            1, "f", Fixtures.digest("f"), 1, false, "c".repeat(1000), "m".repeat(1000), 0, 0, 0, 0);

    assertThat(outcome.failedCheck()).hasSize(64);
    assertThat(outcome.message()).hasSize(512);
  }

  @Test
  void selectsDevicesByEveryLabel() {
    assertThat(Fixtures.PROFILE.matches(Map.of())).isTrue();
    assertThat(Fixtures.PROFILE.matches(Map.of("site", "north"))).isTrue();
    assertThat(Fixtures.PROFILE.matches(Map.of("site", "north", "row", "1"))).isFalse();
  }
}
