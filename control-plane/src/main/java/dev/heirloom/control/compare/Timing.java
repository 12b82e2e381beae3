package dev.heirloom.control.compare;

import dev.heirloom.runtime.measure.Latency;

/**
 * Latency of one network beside the teacher's in the same run: one sample, one thread.
 *
 * @param network the network's
 * @param teacher the teacher's
 */
public record Timing(Latency.Summary network, Latency.Summary teacher) {

  /** Median over the teacher's median. */
  public double ratio() {
    return (double) network.p50Ns() / teacher.p50Ns();
  }
}
