package dev.heirloom.edge.report;

import dev.heirloom.edge.slot.HeirIdentity;
import dev.heirloom.edge.slot.ProbeResult;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;
import org.HdrHistogram.Histogram;

/**
 * Measures the service of one heir, window by window. A recorder knows one heir only, so no window
 * mixes two rungs. Safe for use by several threads.
 */
public final class WindowRecorder {
  private final HeirIdentity heir;
  private final ProbeResult probe;
  private final Source source;
  private final Histogram request = LatencySummaries.histogram();
  private final Histogram session = LatencySummaries.histogram();
  private long startUnixMs;
  private long startNs;
  private long errors;
  private long labelled;
  private long correct;
  private long scored;
  private double confidence;
  private double entropy;

  /**
   * Begins the first window.
   *
   * @param source where the requests come from
   * @param nowUnixMs wall clock, to say when the window began
   * @param nowNs monotonic clock, to say how long it lasted
   */
  public WindowRecorder(
      HeirIdentity heir, ProbeResult probe, Source source, long nowUnixMs, long nowNs) {
    this.heir = heir;
    this.probe = probe;
    this.source = source;
    this.startUnixMs = nowUnixMs;
    this.startNs = nowNs;
  }

  /** A request was answered: from its arrival to its answer, and within the session. */
  public synchronized void answered(long requestNs, long sessionNs) {
    LatencySummaries.record(request, requestNs);
    LatencySummaries.record(session, sessionNs);
  }

  /**
   * The answers' scores; those that are not numbers, as of an input that is none, are left out.
   *
   * @param answers how many
   * @param confidenceSum sum over the answers of the largest softmax share
   * @param entropySum sum over the answers of the softmax's entropy in nats
   */
  public synchronized void scored(long answers, double confidenceSum, double entropySum) {
    if (!Double.isFinite(confidenceSum) || !Double.isFinite(entropySum)) {
      return;
    }
    scored += answers;
    confidence += confidenceSum;
    entropy += entropySum;
  }

  /** A request was refused or failed. */
  public synchronized void failed() {
    errors++;
  }

  /** Labels came for answers of this heir. */
  public synchronized void labelled(long labels, long right) {
    labelled += labels;
    correct += right;
  }

  /** Whether the running window has an answer. */
  public synchronized boolean hasAnswers() {
    return request.getTotalCount() > 0;
  }

  /** Whether the running window has anything to report. */
  public synchronized boolean isEmpty() {
    return request.getTotalCount() == 0 && errors == 0 && labelled == 0;
  }

  /**
   * Ends the running window and begins the next. Sequence number and resources are for the caller
   * to fill in.
   *
   * @param nowUnixMs wall clock
   * @param nowNs monotonic clock
   */
  public synchronized Window.Builder roll(long nowUnixMs, long nowNs) {
    Window.Builder window =
        Window.newBuilder()
            .setStartUnixMs(startUnixMs)
            .setDurationMs((int) Math.min((nowNs - startNs) / 1_000_000, Integer.MAX_VALUE))
            .setFamily(heir.family())
            .setManifestSha256(heir.manifest().bytes())
            .setRung(heir.rung())
            .setSource(source)
            .setRequest(LatencySummaries.of(request))
            .setSession(LatencySummaries.of(session))
            .setErrors(errors)
            .setLabelled(labelled)
            .setCorrect(correct)
            .setProbeSamples(probe.samples())
            .setProbeCorrect(probe.correct())
            .setProbeAgreeing(probe.agreeing())
            .setMeanConfidence(scored == 0 ? 0 : confidence / scored)
            .setMeanEntropy(scored == 0 ? 0 : entropy / scored);
    request.reset();
    session.reset();
    startUnixMs = nowUnixMs;
    startNs = nowNs;
    errors = 0;
    labelled = 0;
    correct = 0;
    scored = 0;
    confidence = 0;
    entropy = 0;
    return window;
  }
}
