package dev.heirloom.actors.accuracy;

/**
 * Answers whose label came.
 *
 * @param labels how many
 * @param correct how many of them were right
 */
record Counts(int labels, int correct) {

  static final Counts NONE = new Counts(0, 0);

  /** Counts from outside; where there are more than {@code most}, that many in their ratio. */
  static Counts of(long labels, long correct, int most) {
    if (labels <= most) {
      return new Counts((int) labels, (int) correct);
    }
    return new Counts(most, (int) Math.round((double) correct / labels * most));
  }

  Counts plus(Counts other) {
    return new Counts(labels + other.labels, correct + other.correct);
  }

  /**
   * How unlikely it is that both have one accuracy: the likelihood-ratio statistic, which has a χ²
   * distribution with one degree of freedom where they do (S. S. Wilks, Ann. Math. Statist. 9,
   * 1938, 60–62).
   */
  double unlike(Counts other) {
    Counts both = plus(other);
    return Math.max(0, 2 * (logLikelihood() + other.logLikelihood() - both.logLikelihood()));
  }

  private double logLikelihood() {
    return part(correct) + part(labels - correct);
  }

  private double part(int count) {
    return count == 0 ? 0 : count * Math.log((double) count / labels);
  }
}
