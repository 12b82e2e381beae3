package dev.heirloom.actors.accuracy;

import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.WindowReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether what a rung says of its answers is still what it said at first. Confidence and entropy
 * are known without any label; they tell that something changed, not whether answers are worse.
 *
 * @param windows windows in the reference; at most {@link #MOST_REFERENCE}
 * @param weight what these weigh together: their answers
 * @param confidence mean of the largest softmax share per window
 * @param entropy mean entropy per window in nats
 */
record Drift(int windows, double weight, Signal confidence, Signal entropy) {

  static final Drift NONE = new Drift(0, 0, Signal.BLANK, Signal.BLANK);

  /** Windows before any is judged. */
  static final int LEAST_REFERENCE = 8;

  /** Windows after which the reference stays. */
  static final int MOST_REFERENCE = 100;

  /** Windows with fewer answers say nothing. */
  static final int LEAST_ANSWERS = 5;

  /** A window with more answers counts as one of so many: windows differ beyond chance, too. */
  static final int MOST_ANSWERS = 100;

  /** Noise of a window of {@link #MOST_ANSWERS} answers that is assumed at least. */
  private static final double LEAST_NOISE_CONFIDENCE = 0.005;

  /** In nats. */
  private static final double LEAST_NOISE_ENTROPY = 0.02;

  private static final double MOST_ENTROPY = 100;

  /**
   * With a window of this rung; one that was measured with the probe, or has no scores, is none.
   */
  Drift with(WindowReport window) {
    long answers = window.request().count();
    if (window.source() != Source.TRAFFIC
        || answers < LEAST_ANSWERS
        || window.meanConfidence() <= 0) {
      return this;
    }
    double sure = Math.min(1, window.meanConfidence());
    double spread = Math.max(0, Math.min(MOST_ENTROPY, window.meanEntropy()));
    double weighs = Math.min(answers, MOST_ANSWERS);
    Drift next = windows < LEAST_REFERENCE ? this : compared(sure, spread, weighs);
    boolean learns = windows < MOST_REFERENCE && next.confidence.quiet() && next.entropy.quiet();
    return learns ? next.learnt(sure, spread, weighs) : next;
  }

  boolean shifted() {
    return confidence.shifted() || entropy.shifted();
  }

  /** What shifted, in words with numbers; empty where nothing did. */
  String described() {
    List<String> parts = new ArrayList<>();
    if (confidence.shifted()) {
      parts.add(change("mean confidence", confidence, 100, "%.1f %%"));
    }
    if (entropy.shifted()) {
      parts.add(change("mean entropy", entropy, 1, "%.2f nats"));
    }
    return String.join(", ", parts);
  }

  private static String change(String what, Signal signal, double scale, String format) {
    return String.format(
        Locale.ROOT,
        "%s %s from " + format + " to " + format,
        what,
        signal.recent() < signal.mean() ? "fell" : "rose",
        scale * signal.mean(),
        scale * signal.recent());
  }

  private Drift compared(double sure, double spread, double weighs) {
    return new Drift(
        windows,
        weight,
        confidence.compared(sure, distance(confidence, sure, weighs, LEAST_NOISE_CONFIDENCE)),
        entropy.compared(spread, distance(entropy, spread, weighs, LEAST_NOISE_ENTROPY)));
  }

  private double distance(Signal signal, double value, double weighs, double leastNoise) {
    double leastSquare = leastNoise * leastNoise * MOST_ANSWERS;
    return signal.distance(value, weighs, windows, weight, leastSquare);
  }

  private Drift learnt(double sure, double spread, double weighs) {
    return new Drift(
        windows + 1,
        weight + weighs,
        confidence.learnt(sure, weighs, weight),
        entropy.learnt(spread, weighs, weight));
  }
}
