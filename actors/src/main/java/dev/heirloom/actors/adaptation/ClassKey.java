package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.DeviceProfile;

/**
 * What devices must share to be expected equally fast.
 *
 * @param deviceClass class that the devices say they are of; may be empty
 * @param threads threads that one session may use; 0 where unknown
 * @param probed whether they sent the times of micro-probes: what they are measured by is then the
 *     latency predicted for each, not that of the family's maker
 */
public record ClassKey(String deviceClass, int threads, boolean probed) {

  /** The key of a device. */
  public static ClassKey of(DeviceProfile profile) {
    return new ClassKey(profile.deviceClass(), profile.threads(), profile.probes().known());
  }
}
