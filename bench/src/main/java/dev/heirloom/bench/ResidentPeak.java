package dev.heirloom.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The largest resident memory that a process has had, where the system tells. */
final class ResidentPeak {
  private static final String PEAK = "VmHWM:";
  private static final String NOW = "VmRSS:";
  private static final long BYTES_PER_KIB = 1024;

  private ResidentPeak() {}

  /** The peak in bytes; 0 where the process has ended or the system does not say. */
  static long bytes(long pid) {
    return field(pid, PEAK);
  }

  /** What is resident now, in bytes; 0 where the process has ended or the system does not say. */
  static long now(long pid) {
    return field(pid, NOW);
  }

  private static long field(long pid, String name) {
    Path status = Path.of("/proc/" + pid + "/status");
    try {
      return Files.readAllLines(status, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(name.length()).replaceAll("[^0-9]", ""))
          .mapToLong(kib -> Long.parseLong(kib) * BYTES_PER_KIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
