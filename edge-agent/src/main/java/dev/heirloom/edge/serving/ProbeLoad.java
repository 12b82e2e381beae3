package dev.heirloom.edge.serving;

import dev.heirloom.edge.report.WindowRecorder;
import dev.heirloom.edge.serving.ServingQueue.Answer;
import dev.heirloom.edge.serving.ServingQueue.NotServedException;
import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.serving.ServingQueue.Submission;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.sample.Probe;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Measures an heir that has no traffic, by sending probe samples through the serving path one at a
 * time.
 */
public final class ProbeLoad {
  static final int INFERENCES = 30;
  private static final long LONGEST_SECONDS = 30;

  private ProbeLoad() {}

  /**
   * Fills in a window that had no traffic; it stays empty where the device holds no probe. Blocks.
   *
   * @param idle the window of {@code tenure} that had no answers
   */
  public static Window.Builder measure(Window.Builder idle, Tenure tenure, ServingQueue queue)
      throws InterruptedException {
    Heir heir = tenure.heir();
    Optional<Probe> probe = heir.probe();
    if (probe.isEmpty()) {
      return idle;
    }
    WindowRecorder recorder =
        new WindowRecorder(heir.identity(), heir.probeResult(), Source.SOURCE_PROBE, 0, 0);
    for (int i = 0; i < INFERENCES; i++) {
      int sample = i % probe.get().samples().size();
      Optional<Answer> answer = answer(queue, request(heir, probe.get(), sample));
      if (answer.isEmpty() || !answer.get().heir().equals(heir.identity())) {
        break;
      }
      recorder.answered(answer.get().requestNs(), answer.get().sessionNs());
    }
    if (!recorder.hasAnswers()) {
      return idle;
    }
    Window.Builder measured = recorder.roll(0, 0);
    return idle.setSource(Source.SOURCE_PROBE)
        .setRequest(measured.getRequest())
        .setSession(measured.getSession());
  }

  private static Request request(Heir heir, Probe probe, int sample) {
    return new Request(
        "", heir.preprocessor().batch(probe.samples(), new int[] {sample}), List.of(), 0, false);
  }

  private static Optional<Answer> answer(ServingQueue queue, Request request)
      throws InterruptedException {
    if (!(queue.submit(request) instanceof Submission.Accepted accepted)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          accepted.answer().toCompletableFuture().get(LONGEST_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      if (e.getCause() instanceof NotServedException || e instanceof TimeoutException) {
        return Optional.empty();
      }
      throw new IllegalStateException(e);
    }
  }
}
