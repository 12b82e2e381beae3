package dev.heirloom.control.trainer;

/**
 * What a stage still takes, from how fast it went since it was first heard of. A stage that goes on
 * from where it was kept is not taken for a fast one.
 */
final class Pace {
  private static final long NS_PER_MS = 1_000_000;

  private long fromNs;
  private long fromDone = -1;

  /** Another stage begins. */
  void restart() {
    fromDone = -1;
  }

  /** Milliseconds; 0 where nothing can be told yet. */
  long leftMs(long done, long total, long nowNs) {
    if (fromDone < 0) {
      fromDone = done;
      fromNs = nowNs;
    }
    long gone = done - fromDone;
    if (gone <= 0 || total <= done) {
      return 0;
    }
    return Math.round((double) (nowNs - fromNs) / gone * (total - done) / NS_PER_MS);
  }
}
