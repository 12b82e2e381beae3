package dev.heirloom.runtime.session;

/**
 * How a session computes.
 *
 * @param threads threads that work on one operator, the caller's included
 * @param device where
 */
public record SessionSettings(int threads, Device device) {

  /** Checks the number of threads. */
  public SessionSettings {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: 1..1024)");
    }
  }

  /** Settings for the CPU. */
  public static SessionSettings cpu(int threads) {
    return new SessionSettings(threads, Device.CPU);
  }
}
