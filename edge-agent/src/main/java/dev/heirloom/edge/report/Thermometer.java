package dev.heirloom.edge.report;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * The hottest sensor that Linux tells of ({@code temp} of each thermal zone, in thousandths of a
 * degree Celsius).
 */
public final class Thermometer {
  private static final Path SYSTEM = Path.of("/sys/class/thermal");
  private static final double COLDEST = -100;
  private static final double HOTTEST = 250;

  private final Path zones;

  public Thermometer() {
    this(SYSTEM);
  }

  Thermometer(Path zones) {
    this.zones = zones;
  }

  /** In degrees Celsius; empty where the system has no sensor, or tells nothing sensible. */
  public OptionalDouble celsius() {
    OptionalDouble hottest = OptionalDouble.empty();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(zones, "thermal_zone*")) {
      for (Path zone : all) {
        OptionalDouble here = read(zone.resolve("temp"));
        if (here.isPresent() && here.getAsDouble() > hottest.orElse(COLDEST)) {
          hottest = here;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return OptionalDouble.empty();
    }
    return hottest;
  }

  private static OptionalDouble read(Path file) {
    try {
      double celsius = Long.parseLong(Files.readString(file).strip()) / 1000.0;
      return celsius > COLDEST && celsius < HOTTEST
          ? OptionalDouble.of(celsius)
          : OptionalDouble.empty();
    } catch (IOException | NumberFormatException e) {
      // A sensor that is switched off cannot be read.
      return OptionalDouble.empty();
    }
  }
}
