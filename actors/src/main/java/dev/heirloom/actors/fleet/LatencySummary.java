package dev.heirloom.actors.fleet;

/**
 * Latencies of one window.
 *
 * @param count measurements; with 0 the percentiles mean nothing
 * @param p50Ns median in ns
 * @param p95Ns 95th percentile in ns
 * @param p99Ns 99th percentile in ns
 * @param maxNs largest in ns
 */
public record LatencySummary(long count, long p50Ns, long p95Ns, long p99Ns, long maxNs) {

  /** Nothing was measured. */
  public static final LatencySummary NONE = new LatencySummary(0, 0, 0, 0, 0);

  public LatencySummary {
    Require.notNegative("count", count);
    Require.notNegative("p50Ns", p50Ns);
    Require.notNegative("p95Ns", p95Ns);
    Require.notNegative("p99Ns", p99Ns);
    Require.notNegative("maxNs", maxNs);
  }
}
