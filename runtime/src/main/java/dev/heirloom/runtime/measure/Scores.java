package dev.heirloom.runtime.measure;

import java.nio.FloatBuffer;

/**
 * What one row of class scores says.
 *
 * @param best the class with the highest score, the first of equals
 * @param confidence its probability, 0..1
 * @param entropy of the probabilities, in nats
 * @param logSum what turns a score into a log-probability: {@code score − logSum}; NaN where the
 *     scores are probabilities already
 */
public record Scores(int best, double confidence, double entropy, double logSum) {

  private static final double SUM_TOLERANCE = 1e-3;

  /**
   * Reads one row.
   *
   * @param values scores or, if they are not negative and add up to one, probabilities
   * @param offset where the row starts
   * @param classes how long it is, 1 or more
   */
  public static Scores of(FloatBuffer values, int offset, int classes) {
    int best = argmax(values, offset, classes);
    double most = values.get(offset + best);
    double sum = 0;
    double exponentials = 0;
    boolean negative = false;
    for (int c = 0; c < classes; c++) {
      double value = values.get(offset + c);
      negative |= value < 0;
      sum += value;
      exponentials += Math.exp(value - most);
    }
    boolean probabilities = !negative && Math.abs(sum - 1) < SUM_TOLERANCE;
    double logSum = probabilities ? Double.NaN : most + Math.log(exponentials);
    double entropy = 0;
    for (int c = 0; c < classes; c++) {
      double value = values.get(offset + c);
      double p = probabilities ? value : Math.exp(value - logSum);
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
    double confidence = probabilities ? most : Math.exp(most - logSum);
    return new Scores(best, confidence, entropy, logSum);
  }

  /** The index of the highest value, the first of equals; a NaN is never higher. */
  public static int argmax(FloatBuffer values, int offset, int classes) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (values.get(offset + c) > values.get(offset + best)) {
        best = c;
      }
    }
    return best;
  }

  /** The negative log-probability of a class with this score, in nats. */
  public double loss(float score) {
    return Double.isNaN(logSum) ? -Math.log(Math.max(score, 1e-12)) : logSum - score;
  }
}
