package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.WindowReport;

/**
 * What windows of one rung of one version on one device add up to.
 *
 * @param rung from 1
 * @param windows windows that were counted
 * @param labels labels of answers
 * @param correct answers that met theirs
 * @param timed windows with latencies
 * @param logP95 sum of the logarithms of the 95th percentiles, each in ns
 * @param logP95Squares sum of their squares
 * @param sure windows with confidences
 * @param confidence sum of the mean confidences, each 0..1
 * @param confidenceSquares sum of their squares
 */
public record Tally(
    int rung,
    int windows,
    long labels,
    long correct,
    int timed,
    double logP95,
    double logP95Squares,
    int sure,
    double confidence,
    double confidenceSquares) {

  static Tally of(int rung) {
    return new Tally(rung, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  Tally with(WindowReport window) {
    boolean times = window.request().count() > 0 && window.request().p95Ns() > 0;
    double log = times ? Math.log(window.request().p95Ns()) : 0;
    boolean says = window.source() == Source.TRAFFIC && window.meanConfidence() > 0;
    double share = says ? Math.min(1, window.meanConfidence()) : 0;
    return new Tally(
        rung,
        windows + 1,
        labels + window.labelled(),
        correct + window.correct(),
        timed + (times ? 1 : 0),
        logP95 + log,
        logP95Squares + log * log,
        sure + (says ? 1 : 0),
        confidence + share,
        confidenceSquares + share * share);
  }

  Sample accuracy() {
    double share = labels == 0 ? 0 : (double) correct / labels;
    return new Sample(labels, share, share * (1 - share));
  }

  Sample p95() {
    return Sample.of(timed, logP95, logP95Squares);
  }

  Sample sureness() {
    return Sample.of(sure, confidence, confidenceSquares);
  }
}
