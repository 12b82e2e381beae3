package dev.heirloom.runtime.session;

/** Where a session computes. */
public enum Device {
  CPU,
  CUDA
}
