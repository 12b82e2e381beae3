package dev.heirloom.actors.rollout;

/**
 * One decision about a rollout.
 *
 * @param atMs when, in ms since 1970
 * @param reason one sentence with its numbers
 */
public record LogEntry(long atMs, String reason) {}
