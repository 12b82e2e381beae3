package dev.heirloom.inheritance.ladder;

/**
 * One rank that a layer may take, and what it costs.
 *
 * @param rank true rank, from 1
 * @param lostEnergy share of the layer's output energy that this rank loses, 0..1
 * @param parameters of the factors, heads, gate and bias counted
 * @param macs multiply-accumulates of the layer for one sample
 * @param latencyNs measured time of the layer on one sample, in the runtime
 */
public record LayerOption(int rank, double lostEnergy, long parameters, long macs, long latencyNs) {
  public LayerOption {
    if (rank < 1) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: from 1)");
    }
  }

  /** Bytes of the parameters in float32. */
  public long bytes() {
    return parameters * Float.BYTES;
  }

  /** The price in one of the units. */
  public long cost(Cost unit) {
    return switch (unit) {
      case BYTES -> bytes();
      case MACS -> macs;
      case LATENCY -> latencyNs;
    };
  }
}
