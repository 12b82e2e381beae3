package dev.heirloom.runtime.family;

import java.util.List;

/**
 * What a machine took for each micro-probe of one set, under one thread setting.
 *
 * @param version of the set of probes, from 1; 0 where nothing was measured
 * @param ns median time of each probe in ns, in the set's order, what any run costs taken off all
 *     but the first; empty where nothing was measured
 */
public record ProbeTimes(int version, List<Long> ns) {

  /** A set has at most so many probes. */
  public static final int MOST = 10;

  /** No probe takes as long as this, a minute. */
  public static final long MOST_NS = 60_000_000_000L;

  /** Nothing was measured. */
  public static final ProbeTimes NONE = new ProbeTimes(0, List.of());

  /** Copies the times and checks them. */
  public ProbeTimes {
    ns = List.copyOf(ns);
    if (version < 0 || (version == 0) != ns.isEmpty()) {
      throw new IllegalArgumentException(
          "probes: version %d with %d times (expected: both, or neither)"
              .formatted(version, ns.size()));
    }
    if (ns.size() > MOST) {
      throw new IllegalArgumentException(
          "probes: %d times (expected: at most %d)".formatted(ns.size(), MOST));
    }
    for (long time : ns) {
      if (time < 1 || time > MOST_NS) {
        throw new IllegalArgumentException(
            "probes: %s ns (expected: 1..%d)".formatted(Long.toUnsignedString(time), MOST_NS));
      }
    }
  }

  /** Whether anything was measured. */
  public boolean known() {
    return version > 0;
  }

  /** Whether both are times of the same probes. */
  public boolean comparable(ProbeTimes other) {
    return known() && version == other.version && ns.size() == other.ns.size();
  }
}
