package dev.heirloom.actors.fleet;

/**
 * What is asked of a device; 0 means no limit.
 *
 * @param p95LatencyNs 95th percentile of the request latency at the agent, queueing included, in ns
 * @param memoryBytes memory of weights and activations, in bytes
 * @param sizeBytes size of the rung's blobs, in bytes
 * @param leastAccuracy least accuracy, 0..1
 */
public record Budget(long p95LatencyNs, long memoryBytes, long sizeBytes, double leastAccuracy) {

  /** No limit at all. */
  public static final Budget NONE = new Budget(0, 0, 0, 0);

  public Budget {
    Require.notNegative("p95LatencyNs", p95LatencyNs);
    Require.notNegative("memoryBytes", memoryBytes);
    Require.notNegative("sizeBytes", sizeBytes);
    Require.share("leastAccuracy", leastAccuracy);
  }
}
