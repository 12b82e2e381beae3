package dev.heirloom.control.grpc;

import java.util.Optional;

/**
 * Who may change which device: asked once per call, on the call's own thread, and then for each
 * device that the call would change.
 */
interface DeviceGuard {

  /** Everybody may change every device. */
  DeviceGuard NONE = change -> device -> Optional.empty();

  /**
   * What the caller may do.
   *
   * @param change what the call asks for: a name of {@code ChangeDevicesRequest.change}
   */
  OfCall begin(String change);

  /** What one caller may change. Thread-safe. */
  interface OfCall {
    /** Why the caller may not change a device; empty where it may. */
    Optional<String> refusal(String device);
  }
}
