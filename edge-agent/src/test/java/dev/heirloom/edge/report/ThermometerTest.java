package dev.heirloom.edge.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThermometerTest {
  private final Path zones;

  ThermometerTest(@TempDir Path zones) {
    this.zones = zones;
  }

  private void zone(int number, String text) throws IOException {
    Path zone = Files.createDirectories(zones.resolve("thermal_zone" + number));
    Files.writeString(zone.resolve("temp"), text);
  }

  @Test
  void theHottestSensorCounts() throws IOException {
    zone(0, "41000\n");
    zone(1, "61250\n");
    zone(2, "-3000\n");
    assertThat(new Thermometer(zones).celsius()).hasValue(61.25);
  }

  @Test
  void whatMakesNoSenseIsNoTemperature() throws IOException {
    zone(0, "999999999\n");
    zone(1, "warm\n");
    Files.createDirectories(zones.resolve("thermal_zone2"));
    assertThat(new Thermometer(zones).celsius()).isEmpty();
    assertThat(new Thermometer(zones.resolve("nothing")).celsius()).isEmpty();
  }
}
