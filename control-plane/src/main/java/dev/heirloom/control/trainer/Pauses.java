package dev.heirloom.control.trainer;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** Pauses between tries of one call: longer ones by and by, and no two trainers the same. */
final class Pauses {
  static final long FIRST_MS = 500;
  static final long LONGEST_MS = 5000;
  private static final double JITTER = 0.3;
  private static final long LOOK_MS = 100;

  private long nextMs = FIRST_MS;

  /** The next one is a short one again. */
  void restart() {
    nextMs = FIRST_MS;
  }

  /** How long the next one is, in ms. */
  long next() {
    long pauseMs =
        Math.round(nextMs * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
    nextMs = Math.min(LONGEST_MS, 2 * nextMs);
    return pauseMs;
  }

  /** Waits, unless there is nothing to wait for any more. */
  void await(BooleanSupplier over) throws InterruptedException {
    long leftMs = next();
    while (leftMs > 0 && !over.getAsBoolean()) {
      Thread.sleep(Math.min(LOOK_MS, leftMs));
      leftMs -= LOOK_MS;
    }
  }
}
