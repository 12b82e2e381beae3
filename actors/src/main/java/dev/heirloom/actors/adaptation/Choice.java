package dev.heirloom.actors.adaptation;

/**
 * A rung and why.
 *
 * @param rung from 1; the rung that is already desired where the budget cannot be met
 * @param reason one sentence with its numbers
 */
public record Choice(int rung, String reason) {}
