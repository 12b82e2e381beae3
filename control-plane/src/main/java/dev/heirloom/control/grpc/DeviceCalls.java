package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Buckets;
import dev.heirloom.control.fleet.Meters;
import java.util.function.LongSupplier;

/**
 * How often one device may enrol or connect: each time what it says of itself may be new, and then
 * goes into the journal. Thread-safe.
 */
final class DeviceCalls {
  static final double PER_SECOND = 1;
  static final double AT_ONCE = 60;

  private static final int DEVICES = 100_000;

  private final Meters meters;
  private final Buckets buckets;

  DeviceCalls(Meters meters, LongSupplier nanoTime) {
    this.meters = meters;
    this.buckets = new Buckets(PER_SECOND, AT_ONCE, DEVICES, nanoTime);
  }

  /** Takes one, or fails with the status of a call that came too often. */
  void take(String device) {
    if (!buckets.take(device)) {
      meters.refusedMessage("rate");
      throw Failures.exhausted(
          "calls of a device",
          "%s enrols or connects too often (expected: at most %.0f a second, %.0f at once)"
              .formatted(device, PER_SECOND, AT_ONCE));
    }
  }
}
