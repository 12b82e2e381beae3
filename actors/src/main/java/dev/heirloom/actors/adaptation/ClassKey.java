package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.DeviceProfile;

/**
 * What devices must share to be expected equally fast.
 *
 * @param deviceClass class that the devices say they are of; may be empty
 * @param threads threads that one session may use; 0 where unknown
 */
public record ClassKey(String deviceClass, int threads) {

  /** The key of a device. */
  public static ClassKey of(DeviceProfile profile) {
    return new ClassKey(profile.deviceClass(), profile.threads());
  }
}
