package dev.heirloom.actors.fleet;

import java.util.Optional;

/**
 * What somebody says about a budget: each limit by itself, and some of them not at all. Persisted
 * as it is.
 *
 * @param p95LatencyNs as in {@link Budget}; 0 for no limit, {@link #ABSENT} where nothing is said
 * @param memoryBytes as in {@link Budget}; 0 for no limit, {@link #ABSENT} where nothing is said
 * @param sizeBytes as in {@link Budget}; 0 for no limit, {@link #ABSENT} where nothing is said
 * @param leastAccuracy as in {@link Budget}; 0 for no limit, {@link #ABSENT} where nothing is said
 */
public record Limits(long p95LatencyNs, long memoryBytes, long sizeBytes, double leastAccuracy) {

  /** Nothing is said: whoever comes next in the order decides. */
  public static final long ABSENT = -1;

  /** Says nothing at all. */
  public static final Limits NONE = new Limits(ABSENT, ABSENT, ABSENT, ABSENT);

  public Limits {
    Require.within("p95LatencyNs", p95LatencyNs, ABSENT, Long.MAX_VALUE);
    Require.within("memoryBytes", memoryBytes, ABSENT, Long.MAX_VALUE);
    Require.within("sizeBytes", sizeBytes, ABSENT, Long.MAX_VALUE);
    if (leastAccuracy != ABSENT) {
      Require.share("leastAccuracy", leastAccuracy);
    }
  }

  /** All limits of a budget, also those that it leaves open. */
  public static Limits of(Budget budget) {
    return new Limits(
        budget.p95LatencyNs(), budget.memoryBytes(), budget.sizeBytes(), budget.leastAccuracy());
  }

  /** What is said about one limit; 0 for no limit, empty where nothing is said. */
  public Optional<Double> get(LimitKind kind) {
    double value =
        switch (kind) {
          case MEMORY -> memoryBytes;
          case SIZE -> sizeBytes;
          case P95_LATENCY -> p95LatencyNs;
          case ACCURACY -> leastAccuracy;
        };
    return value == ABSENT ? Optional.empty() : Optional.of(value);
  }

  /** Whether nothing is said. */
  public boolean none() {
    return equals(NONE);
  }

  /** These, with those of {@code next} where these say nothing. */
  public Limits or(Limits next) {
    return new Limits(
        p95LatencyNs == ABSENT ? next.p95LatencyNs : p95LatencyNs,
        memoryBytes == ABSENT ? next.memoryBytes : memoryBytes,
        sizeBytes == ABSENT ? next.sizeBytes : sizeBytes,
        leastAccuracy == ABSENT ? next.leastAccuracy : leastAccuracy);
  }

  /** The budget that these make; there is no limit where nothing is said. */
  public Budget toBudget() {
    return new Budget(
        Math.max(0, p95LatencyNs),
        Math.max(0, memoryBytes),
        Math.max(0, sizeBytes),
        Math.max(0, leastAccuracy));
  }
}
