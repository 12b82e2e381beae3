package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.Ladder;

/**
 * What is known of a device when it is met.
 *
 * @param name unique in the fleet
 * @param ladder rungs that it may serve
 * @param profile what it says it is
 * @param budget what is asked of it
 * @param pioneer whether it is of those that ran before the counted time began
 */
public record DeviceSight(
    String name, Ladder ladder, DeviceProfile profile, Budget budget, boolean pioneer) {}
