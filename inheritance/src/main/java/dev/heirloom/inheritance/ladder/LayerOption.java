package dev.heirloom.inheritance.ladder;

/**
 * One rank that a layer may take, and what it costs.
 *
 * @param rank true rank, from 1
 * @param lostEnergy share of the layer's output energy that this rank loses, 0..1
 * @param parameters of the factors, heads and gate counted
 * @param costNs measured time of the layer on one sample, in the runtime
 */
public record LayerOption(int rank, double lostEnergy, long parameters, long costNs) {
  public LayerOption {
    if (rank < 1) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: from 1)");
    }
  }
}
