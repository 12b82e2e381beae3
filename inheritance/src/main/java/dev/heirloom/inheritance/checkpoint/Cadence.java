package dev.heirloom.inheritance.checkpoint;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the fine-tune is to be kept next: as often as was asked for, but what takes long to keep is
 * kept less often, so that it takes about a twentieth of the time at most.
 */
final class Cadence {
  private static final int PARTS = 20;

  private final long everyNs;
  private final LongSupplier nanoTime;
  private long begunNs;
  private long keptNs;
  private long costNs;

  /**
   * @param every zero: after each step, whatever it takes
   */
  Cadence(Duration every, LongSupplier nanoTime) {
    this.everyNs = every.toNanos();
    this.nanoTime = nanoTime;
    this.keptNs = nanoTime.getAsLong();
  }

  boolean due() {
    long sinceNs = nanoTime.getAsLong() - keptNs;
    return everyNs == 0 || sinceNs >= Math.max(everyNs, PARTS * costNs);
  }

  /** The time runs from here on: something else was kept. */
  void restart() {
    keptNs = nanoTime.getAsLong();
  }

  /** Keeping begins. */
  void begin() {
    begunNs = nanoTime.getAsLong();
  }

  /** It is kept. */
  void end() {
    keptNs = nanoTime.getAsLong();
    costNs = keptNs - begunNs;
  }
}
