package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.Digest;
import java.util.Optional;

/**
 * What a device says when its stream opens.
 *
 * @param profile what it is
 * @param budget what its agent was given
 * @param family family that it wants; empty takes the one published last, and stays with it
 * @param servingManifest version that it serves; empty where it serves nothing
 * @param servingRung rung that it serves; 0 where it serves nothing
 * @param reporter what its windows are counted beneath; 0 where it says nothing of that
 * @param instance drawn when the agent's process started; 0 where it says nothing of that
 */
public record Hello(
    DeviceProfile profile,
    Budget budget,
    String family,
    Optional<Digest> servingManifest,
    int servingRung,
    long reporter,
    long instance) {

  public Hello {
    if (family.length() > 128) {
      throw new IllegalArgumentException(
          "family: " + family.length() + " characters (expected: at most 128)");
    }
    if (servingRung < 0) {
      throw new IllegalArgumentException("servingRung: " + servingRung + " (expected: >= 0)");
    }
  }
}
