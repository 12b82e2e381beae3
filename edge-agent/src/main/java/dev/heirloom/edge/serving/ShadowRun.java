package dev.heirloom.edge.serving;

import dev.heirloom.edge.report.LatencySummaries;
import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * A candidate that answers a share of the requests after the heir in service has, unheard, so that
 * both can be compared before the candidate is installed. Owns the candidate. Thread-safe.
 */
public final class ShadowRun implements AutoCloseable {
  private static final int MOST_UNLABELLED = 1024;

  private final Heir candidate;
  private final double share;
  private final long requests;
  private final LongSupplier nanoClock;
  private final DoubleSupplier random;
  private final CompletableFuture<ShadowReport.Builder> report = new CompletableFuture<>();
  private final Histogram serving = LatencySummaries.histogram();
  private final Histogram candidates = LatencySummaries.histogram();
  private final Map<String, Pair> unlabelled = new NewestEntries<>(MOST_UNLABELLED);
  private String failure = "";
  private long answered;
  private long answers;
  private long agreeing;
  private long labelled;
  private long servingCorrect;
  private long candidateCorrect;
  private boolean closed;

  private record Pair(List<Integer> serving, List<Integer> candidate) {}

  /**
   * @param share of the requests that the candidate answers, above 0, at most 1
   * @param requests after how many answers of the candidate the run ends
   * @param nanoClock monotonic
   * @param random draws 0..1
   */
  public ShadowRun(
      Heir candidate, double share, long requests, LongSupplier nanoClock, DoubleSupplier random) {
    this.candidate = candidate;
    this.share = share;
    this.requests = requests;
    this.nanoClock = nanoClock;
    this.random = random;
  }

  /** What was found, once the run has ended. */
  public CompletionStage<ShadowReport.Builder> report() {
    return report;
  }

  /**
   * The heir in service has answered a request; the candidate may answer it, too.
   *
   * @param sessionNs within the session of the heir in service
   */
  synchronized void after(
      Request request, Heir heir, Map<String, TensorValue> outputs, long sessionNs) {
    if (closed || random.getAsDouble() >= share) {
      return;
    }
    if (!heir.identity().family().equals(candidate.identity().family())) {
      end("another family came into service meanwhile");
      return;
    }
    Map<String, TensorValue> own;
    long begun = nanoClock.getAsLong();
    try {
      own = ServingQueue.run(request.inputs(), request.outputs(), candidate);
    } catch (SessionException | RuntimeException e) {
      end(String.valueOf(e.getMessage()));
      return;
    }
    LatencySummaries.record(candidates, nanoClock.getAsLong() - begun);
    LatencySummaries.record(serving, sessionNs);
    answered++;
    compare(request.id(), Answers.of(heir, outputs), Answers.of(candidate, own));
    if (answered >= requests) {
      end("");
    }
  }

  private void compare(String id, Optional<Answers> served, Optional<Answers> own) {
    if (served.isEmpty() || own.isEmpty()) {
      return;
    }
    List<Integer> one = served.get().classes();
    List<Integer> other = own.get().classes();
    answers += one.size();
    for (int i = 0; i < one.size(); i++) {
      agreeing += one.get(i).equals(other.get(i)) ? 1 : 0;
    }
    if (!id.isEmpty()) {
      unlabelled.put(id, new Pair(one, other));
    }
  }

  /** The labels of a request; those of one that the candidate did not answer change nothing. */
  synchronized void label(String requestId, List<Long> labels) {
    Pair pair = unlabelled.remove(requestId);
    if (pair != null && pair.serving().size() == labels.size()) {
      labelled += labels.size();
      servingCorrect += Answers.met(pair.serving(), labels);
      candidateCorrect += Answers.met(pair.candidate(), labels);
    }
  }

  private void end(String why) {
    failure = why;
    close();
  }

  /** Ends the run with what was found so far; again changes nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    candidate.close();
    report.complete(
        ShadowReport.newBuilder()
            .setFamily(candidate.identity().family())
            .setManifestSha256(candidate.identity().manifest().bytes())
            .setRung(candidate.identity().rung())
            .setFailure(failure)
            .setServing(LatencySummaries.of(serving))
            .setCandidate(LatencySummaries.of(candidates))
            .setAnswers(answers)
            .setAgreeing(agreeing)
            .setLabelled(labelled)
            .setServingCorrect(servingCorrect)
            .setCandidateCorrect(candidateCorrect));
  }
}
