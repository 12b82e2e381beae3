package dev.heirloom.actors.adaptation;

/**
 * What a device taught about one rung.
 *
 * @param rung from 1
 * @param bias what this rung's log ratio has beyond the device's
 * @param windows windows counted at this rung; saturates
 * @param brokenBudgetNs largest latency budget that it broke, in ns; 0 where none stands
 * @param brokenP95Ns its expected p95 when it broke that budget, in ns
 * @param calm consecutive windows since with a clearly lower expected p95
 */
public record RungMemory(
    int rung, double bias, int windows, long brokenBudgetNs, long brokenP95Ns, int calm) {

  static RungMemory blank(int rung) {
    return new RungMemory(rung, 0, 0, 0, 0, 0);
  }

  boolean broke(long budgetNs) {
    return budgetNs > 0 && budgetNs <= brokenBudgetNs;
  }

  RungMemory measured(double newBias) {
    return new RungMemory(
        rung, newBias, Math.min(windows + 1, 1_000_000), brokenBudgetNs, brokenP95Ns, calm);
  }

  RungMemory broken(long budgetNs, long p95Ns) {
    return new RungMemory(rung, bias, windows, Math.max(budgetNs, brokenBudgetNs), p95Ns, 0);
  }

  RungMemory forgiven() {
    return new RungMemory(rung, bias, windows, 0, 0, 0);
  }

  RungMemory withCalm(int newCalm) {
    return new RungMemory(rung, bias, windows, brokenBudgetNs, brokenP95Ns, newCalm);
  }
}
