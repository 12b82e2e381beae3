package dev.heirloom.edge;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much memory this machine, or the container that it is in, has. */
final class MachineMemory {
  private MachineMemory() {}

  static long totalBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(system.getTotalMemorySize(), 0)
        : 0;
  }
}
