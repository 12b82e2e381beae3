package dev.heirloom.actors.rollout;

/**
 * A device of a rollout.
 *
 * @param name of the device
 * @param deviceClass as it said when it joined; may be empty
 * @param group from 1
 * @param joinedAtMs when it joined, in ms since 1970
 */
public record Member(String name, String deviceClass, int group, long joinedAtMs) {}
