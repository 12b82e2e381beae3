package dev.heirloom.actors.fleet;

/** What a budget limits, in the order in which limits are met where they conflict. */
public enum LimitKind {
  /** Memory of weights and activations, in bytes. */
  MEMORY,
  /** Size of a rung's blobs, in bytes. */
  SIZE,
  /** 95th percentile of the request latency, in ns. */
  P95_LATENCY,
  /** Least accuracy, 0..1. */
  ACCURACY
}
