package dev.heirloom.actors.adaptation;

/**
 * The rung that suits a device that has measured nothing yet.
 *
 * @param rung from 1
 * @param expectedP95Ns expected request p95 in ns; 0 where it cannot be told
 * @param feasible whether every limit of the budget is expected to be met; with nothing known of
 *     the device's class the latency counts as met
 * @param reason one sentence with its numbers
 */
public record Recommendation(int rung, long expectedP95Ns, boolean feasible, String reason) {}
