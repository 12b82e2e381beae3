package dev.heirloom.inheritance;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The limit of the memory that this process may have in all, native memory included. JavaCPP, which
 * the native libraries are called through, has one of its own: three times the Java heap, which a
 * small heap makes far too small. It is set once, before JavaCPP is loaded.
 */
final class NativeMemory {
  private static final String LIMIT = "org.bytedeco.javacpp.maxphysicalbytes";
  private static final double SHARE = 0.9;

  private NativeMemory() {}

  /** Sets the limit to nine tenths of the machine's or container's memory, unless one is set. */
  static void limit() {
    if (System.getProperty(LIMIT) == null
        && ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      System.setProperty(LIMIT, Long.toString((long) (SHARE * system.getTotalMemorySize())));
    }
  }
}
