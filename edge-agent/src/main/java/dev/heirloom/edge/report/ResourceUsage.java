package dev.heirloom.edge.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What this process takes of the machine. One thread at a time. */
public final class ResourceUsage {
  private static final Path STATUS = Path.of("/proc/self/status");

  private long lastCpuNs;
  private long lastWallNs;

  /**
   * @param nowNs monotonic clock
   */
  public ResourceUsage(long nowNs) {
    lastCpuNs = cpuNs();
    lastWallNs = nowNs;
  }

  /** Bytes of memory that are resident; where the system does not say, the heap in use. */
  public long residentBytes() {
    try {
      OptionalLong resident = residentBytes(Files.readString(STATUS));
      if (resident.isPresent()) {
        return resident.getAsLong();
      }
    } catch (IOException e) {
      // No such file on this system.
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Processor time over wall time since the last call, in cores. */
  public double cpuCores(long nowNs) {
    long cpu = cpuNs();
    long wall = nowNs - lastWallNs;
    double cores = wall <= 0 ? 0 : (double) (cpu - lastCpuNs) / wall;
    lastCpuNs = cpu;
    lastWallNs = nowNs;
    return Math.max(cores, 0);
  }

  /** Reads {@code VmRSS} out of the text of {@code /proc/self/status}. */
  static OptionalLong residentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .filter(digits -> !digits.isEmpty())
        .mapToLong(digits -> Math.multiplyExact(Long.parseLong(digits), 1024L))
        .findFirst();
  }

  private static long cpuNs() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(system.getProcessCpuTime(), 0)
        : 0;
  }
}
