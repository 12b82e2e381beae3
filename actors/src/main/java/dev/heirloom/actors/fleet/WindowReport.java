package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.time.Duration;
import java.time.Instant;

/**
 * One report of a device about a span of its service.
 *
 * @param firstSequence sequence of the first of the windows that it was merged from; else its own
 * @param sequence counts up per state directory of the device, with gaps
 * @param start when the span began, by the device's clock
 * @param duration length of the span
 * @param family name of the family served
 * @param manifest version of the family served
 * @param rung rung served, from 1
 * @param source what the latencies were measured with
 * @param request latency of requests, queueing included
 * @param session latency of inference alone
 * @param errors requests that failed
 * @param labelled answers whose label came
 * @param correct labelled answers that were right
 * @param probeSamples probe samples run; 0 where the probe was not run
 * @param probeCorrect probe answers that were right
 * @param probeAgreeing probe answers equal to the teacher's
 * @param meanConfidence mean of the largest softmax share, 0..1
 * @param meanEntropy mean entropy in nats
 * @param residentBytes resident memory of the agent
 * @param cpuCores processor time over wall time, in cores
 * @param celsius the machine's hottest sensor; NaN where there is none
 * @param late whether it ended before the connection began that brought it
 */
public record WindowReport(
    long firstSequence,
    long sequence,
    Instant start,
    Duration duration,
    String family,
    Digest manifest,
    int rung,
    Source source,
    LatencySummary request,
    LatencySummary session,
    long errors,
    long labelled,
    long correct,
    long probeSamples,
    long probeCorrect,
    long probeAgreeing,
    double meanConfidence,
    double meanEntropy,
    long residentBytes,
    double cpuCores,
    double celsius,
    boolean late) {

  public WindowReport {
    Require.within("sequence", sequence, 1, Long.MAX_VALUE);
    Require.within("firstSequence", firstSequence, 1, sequence);
    Require.notNegative("duration", duration.toMillis());
    Require.length("family", family, 128);
    Require.within("rung", rung, 1, Integer.MAX_VALUE);
    Require.notNegative("errors", errors);
    Require.notNegative("labelled", labelled);
    Require.within("correct", correct, 0, labelled);
    Require.notNegative("probeSamples", probeSamples);
    Require.within("probeCorrect", probeCorrect, 0, probeSamples);
    Require.within("probeAgreeing", probeAgreeing, 0, probeSamples);
    Require.finite("meanConfidence", meanConfidence);
    Require.finite("meanEntropy", meanEntropy);
    Require.notNegative("residentBytes", residentBytes);
    Require.finite("cpuCores", cpuCores);
  }
}
