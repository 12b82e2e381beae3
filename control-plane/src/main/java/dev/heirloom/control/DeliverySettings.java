package dev.heirloom.control;

import dev.heirloom.actors.delivery.EgressLimit;
import java.util.OptionalLong;

/**
 * How fast blobs leave.
 *
 * @param totalBytesPerSecond of all transfers together; empty for no limit
 * @param deviceBytesPerSecond to each device; empty for no limit
 * @param leastBytesPerSecond what a device takes at least, 1 or more; a transfer to a slower one is
 *     dropped, and goes on from there when the device asks again
 */
public record DeliverySettings(
    OptionalLong totalBytesPerSecond, OptionalLong deviceBytesPerSecond, long leastBytesPerSecond) {

  /** A piece in a minute: a poor line, but one. */
  public static final long LEAST_BYTES_PER_SECOND = 1000;

  public static final DeliverySettings UNLIMITED =
      new DeliverySettings(OptionalLong.empty(), OptionalLong.empty(), LEAST_BYTES_PER_SECOND);

  public DeliverySettings {
    if (leastBytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "leastBytesPerSecond: " + leastBytesPerSecond + " (expected: 1 or more)");
    }
  }

  /** The limit that all transfers pass. */
  public EgressLimit limit() {
    return new EgressLimit(totalBytesPerSecond, deviceBytesPerSecond);
  }
}
