package dev.heirloom.actors.rollout;

import java.util.List;

/**
 * By how much something differs between two versions on the same devices, with the interval that
 * holds the truth in 99 of 100 cases.
 *
 * <p>Each device, at each rung, is compared with itself. Pairs weigh as much as their samples tell,
 * n₀n₁/(n₀ + n₁) (N. Mantel and W. Haenszel, J. Nat. Cancer Inst. 22, 1959, 719–748; for
 * differences S. Greenland and J. M. Robins, Biometrics 41, 1985, 55–68). Where devices differ
 * among themselves by more than their samples explain, that counts.
 *
 * @param pairs how many there were; 0 says nothing
 * @param before samples of the version before
 * @param after samples of the target
 * @param estimate of the target less the version before
 * @param lower end of the interval
 * @param upper end of the interval
 */
record Difference(
    int pairs, double before, double after, double estimate, double lower, double upper) {

  /** Two-sided 99 % of the normal distribution: it is looked at again and again. */
  private static final double Z = 2.575829;

  private static final int TELLING_PAIRS = 5;

  /**
   * One device at one rung, or at two.
   *
   * @param unsure by how much it may be wrong that two rungs are compared, either way; 0 where it
   *     is one
   */
  record Pair(Sample before, Sample after, double unsure) {
    Pair(Sample before, Sample after) {
      this(before, after, 0);
    }

    boolean tells() {
      return before.count() > 0 && after.count() > 0;
    }

    double weight() {
      return before.count() * after.count() / (before.count() + after.count());
    }

    double by() {
      return after.mean() - before.mean();
    }

    double variance() {
      return before.variance() / before.count() + after.variance() / after.count();
    }
  }

  static Difference of(List<Pair> all) {
    List<Pair> pairs = all.stream().filter(Pair::tells).toList();
    double weight = pairs.stream().mapToDouble(Pair::weight).sum();
    if (weight == 0) {
      return new Difference(0, 0, 0, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double estimate = pairs.stream().mapToDouble(p -> p.weight() * p.by()).sum() / weight;
    double within = 0;
    double between = 0;
    double unsure = 0;
    for (Pair pair : pairs) {
      double share = pair.weight() / weight;
      unsure += share * pair.unsure();
      within += share * share * pair.variance();
      between += share * share * (pair.by() - estimate) * (pair.by() - estimate);
    }
    int count = pairs.size();
    double variance =
        count < TELLING_PAIRS ? within : Math.max(within, between * count / (count - 1));
    // Where rungs differ from what is known of them, they do so on every device: it does not
    // average
    // out.
    double half = Z * Math.sqrt(variance) + unsure;
    return new Difference(
        count,
        pairs.stream().mapToDouble(p -> p.before().count()).sum(),
        pairs.stream().mapToDouble(p -> p.after().count()).sum(),
        estimate,
        estimate - half,
        estimate + half);
  }

  boolean enough(double least) {
    return pairs > 0 && before >= least && after >= least;
  }
}
