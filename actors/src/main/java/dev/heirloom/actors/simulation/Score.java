package dev.heirloom.actors.simulation;

/**
 * How well a strategy did. Accuracy is the ladder's, weighted by windows; windows in which no rung
 * is within the budget count in {@code infeasibleRatio} only.
 *
 * @param windows served, feasible or not
 * @param accuracy mean of what was served, 0..1
 * @param bestAccuracy mean of what the oracle serves in the same windows
 * @param smallestAccuracy of rung 1
 * @param overBudgetRatio share of windows with a measured p95 over the budget, of those that have
 *     20 requests, come after a device's first three and are avoidable
 * @param trulyOverRatio share of the same windows whose true p95 is over the budget
 * @param changesPer50 changes of the desired rung in 50 windows of steady state: an hour after a
 *     device joined and after a load step came or went
 * @param recoveries load steps that put the served rung over the budget, with another one within
 * @param recoveryMean windows of at least 20 requests until the true p95 was within budget again
 * @param recoveryP95 95th percentile of the same, by nearest rank
 * @param unavoidableRatio share of windows in which the fastest rung would have measured a p95 over
 *     the budget, too, although its true one is within; they are in neither ratio
 * @param infeasibleRatio share of windows in which no rung is within the budget
 */
public record Score(
    long windows,
    double accuracy,
    double bestAccuracy,
    double smallestAccuracy,
    double overBudgetRatio,
    double trulyOverRatio,
    double changesPer50,
    long recoveries,
    double recoveryMean,
    double recoveryP95,
    double unavoidableRatio,
    double infeasibleRatio) {

  /** Share of the way from always rung 1 to the oracle; NaN where these are equal. */
  public double gapClosed() {
    double gap = bestAccuracy - smallestAccuracy;
    return gap > 0 ? (accuracy - smallestAccuracy) / gap : Double.NaN;
  }

  /** The same where another strategy on the same fleets stands for the oracle. */
  public double gapClosed(Score other) {
    double gap = other.accuracy - smallestAccuracy;
    return gap > 0 ? (accuracy - smallestAccuracy) / gap : Double.NaN;
  }

  /** Accuracy that the oracle has more, 0..1. */
  public double regret() {
    return bestAccuracy - accuracy;
  }

  /** Whether this is at least as good as another on accuracy and on violations. */
  public boolean dominates(Score other) {
    return accuracy >= other.accuracy && overBudgetRatio <= other.overBudgetRatio;
  }
}
