package dev.heirloom.actors.twin;

/**
 * A device's place in a rollout: it follows a version that need not be the current one, or leaves
 * one.
 *
 * @param rollout name of the rollout; empty where the device is to leave the version
 * @param family name of the family
 * @param manifest version that it follows, in hexadecimal
 * @param reason one sentence
 */
public record Enlistment(String rollout, String family, String manifest, String reason) {}
