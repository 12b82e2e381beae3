package dev.heirloom.control;

import dev.heirloom.actors.delivery.EgressLimit;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * How fast blobs leave.
 *
 * @param totalBytesPerSecond of all transfers together; empty for no limit
 * @param deviceBytesPerSecond to each device; empty for no limit
 * @param leastBytesPerSecond what a device takes at least, 1 or more; a transfer to a slower one is
 *     dropped, and goes on from there when the device asks again
 * @param drain how long transfers under way may go on when the control plane stops
 */
public record DeliverySettings(
    OptionalLong totalBytesPerSecond,
    OptionalLong deviceBytesPerSecond,
    long leastBytesPerSecond,
    Duration drain) {

  /** A piece in a minute: a poor line, but one. */
  public static final long LEAST_BYTES_PER_SECOND = 1000;

  private static final Duration LONGEST_DRAIN = Duration.ofHours(1);

  public static final DeliverySettings UNLIMITED =
      new DeliverySettings(OptionalLong.empty(), OptionalLong.empty(), LEAST_BYTES_PER_SECOND);

  public DeliverySettings {
    if (drain.isNegative() || drain.compareTo(LONGEST_DRAIN) > 0) {
      throw new IllegalArgumentException(
          "drain: " + drain.toSeconds() + " s (expected: 0.." + LONGEST_DRAIN.toSeconds() + ")");
    }
    if (leastBytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "leastBytesPerSecond: " + leastBytesPerSecond + " (expected: 1 or more)");
    }
  }

  /** Transfers under way end with the control plane. */
  public DeliverySettings(
      OptionalLong totalBytesPerSecond,
      OptionalLong deviceBytesPerSecond,
      long leastBytesPerSecond) {
    this(totalBytesPerSecond, deviceBytesPerSecond, leastBytesPerSecond, Duration.ZERO);
  }

  /** The limit that all transfers pass. */
  public EgressLimit limit() {
    return new EgressLimit(totalBytesPerSecond, deviceBytesPerSecond);
  }
}
