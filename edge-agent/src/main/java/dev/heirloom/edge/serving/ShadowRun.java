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
  private final Map<String, List<Long>> earlyLabels = new NewestEntries<>(MOST_UNLABELLED);
  // Held while the candidate runs, so that whoever brings a label need not wait for that.
  private final Object running = new Object();
  private boolean candidateClosed;
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
  void after(Request request, Heir heir, Map<String, TensorValue> outputs, long sessionNs) {
    synchronized (this) {
      if (closed || random.getAsDouble() >= share) {
        return;
      }
    }
    try {
      if (!heir.identity().family().equals(candidate.identity().family())) {
        throw new SessionException("another family came into service meanwhile");
      }
      Map<String, TensorValue> own;
      long begun;
      long ended;
      synchronized (running) {
        if (candidateClosed) {
          return;
        }
        begun = nanoClock.getAsLong();
        own = ServingQueue.run(request.inputs(), request.outputs(), candidate);
        ended = nanoClock.getAsLong();
      }
      answered(
          request.id(),
          Answers.of(heir, outputs),
          Answers.of(candidate, own),
          sessionNs,
          ended - begun);
    } catch (SessionException | RuntimeException e) {
      end(String.valueOf(e.getMessage()));
    }
  }

  private void answered(
      String id, Optional<Answers> served, Optional<Answers> own, long servedNs, long ownNs) {
    boolean last;
    synchronized (this) {
      if (closed) {
        return;
      }
      LatencySummaries.record(serving, servedNs);
      LatencySummaries.record(candidates, ownNs);
      answered++;
      if (served.isPresent() && own.isPresent()) {
        compare(id, new Pair(served.get().classes(), own.get().classes()));
      }
      last = answered >= requests;
    }
    if (last) {
      end("");
    }
  }

  private void compare(String id, Pair pair) {
    if (pair.serving().size() != pair.candidate().size()) {
      throw new IllegalStateException(
          "%d answers (expected: %d, as of the heir in service)"
              .formatted(pair.candidate().size(), pair.serving().size()));
    }
    answers += pair.serving().size();
    for (int i = 0; i < pair.serving().size(); i++) {
      agreeing += pair.serving().get(i).equals(pair.candidate().get(i)) ? 1 : 0;
    }
    List<Long> early = earlyLabels.remove(id);
    if (early != null) {
      count(pair, early);
    } else if (!id.isEmpty()) {
      unlabelled.put(id, pair);
    }
  }

  /**
   * The labels of a request. They may come before the candidate has answered it; those of one that
   * it does not answer change nothing.
   */
  synchronized void label(String requestId, List<Long> labels) {
    Pair pair = unlabelled.remove(requestId);
    if (pair != null) {
      count(pair, labels);
    } else {
      earlyLabels.put(requestId, labels);
    }
  }

  private void count(Pair pair, List<Long> labels) {
    if (pair.serving().size() == labels.size()) {
      labelled += labels.size();
      servingCorrect += Answers.met(pair.serving(), labels);
      candidateCorrect += Answers.met(pair.candidate(), labels);
    }
  }

  private void end(String why) {
    synchronized (this) {
      if (closed) {
        return;
      }
      failure = why;
    }
    close();
  }

  /** Ends the run with what was found so far, once an answer under way is there. */
  @Override
  public void close() {
    ShadowReport.Builder found;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      found =
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
              .setCandidateCorrect(candidateCorrect);
    }
    synchronized (running) {
      candidateClosed = true;
      candidate.close();
    }
    report.complete(found);
  }
}
