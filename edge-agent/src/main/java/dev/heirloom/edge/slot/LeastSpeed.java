package dev.heirloom.edge.slot;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The speed that a transfer has to keep on average over a minute. One that is slower would hold the
 * device at its old heir as long as the sender likes.
 */
final class LeastSpeed {
  /** Half of what a control plane asks of its devices, so that no honest line is cut off. */
  static final long BYTES_PER_SECOND = 500;

  static final Duration OVER = Duration.ofSeconds(60);

  private final LongSupplier nanoClock;
  private long sinceNs;
  private long bytes;

  LeastSpeed(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.sinceNs = nanoClock.getAsLong();
  }

  /** Bytes that came since the last judgement. */
  long bytes() {
    return bytes;
  }

  /** Counts what arrived; gives what there is to say where the transfer is too slow. */
  Optional<String> arrived(int content) {
    bytes += content;
    long now = nanoClock.getAsLong();
    double seconds = (now - sinceNs) / 1e9;
    if (seconds < OVER.toSeconds()) {
      return Optional.empty();
    }
    if (bytes < BYTES_PER_SECOND * seconds) {
      return Optional.of(
          "%d bytes in %.0f s (expected: at least %d a second)"
              .formatted(bytes, seconds, BYTES_PER_SECOND));
    }
    sinceNs = now;
    bytes = 0;
    return Optional.empty();
  }
}
