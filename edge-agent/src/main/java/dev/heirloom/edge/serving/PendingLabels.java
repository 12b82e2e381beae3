package dev.heirloom.edge.serving;

import dev.heirloom.edge.report.WindowRecorder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers that may still get a label, by request id. Bounded: the oldest gives way. Thread-safe.
 */
final class PendingLabels {
  static final int MOST = 1024;

  /**
   * An answer that waits for its label.
   *
   * @param recorder of the tenure that answered
   * @param classes the classes that it named
   */
  record Answered(WindowRecorder recorder, List<Integer> classes) {
    Answered {
      classes = List.copyOf(classes);
    }
  }

  private final Map<String, Answered> byRequest = new NewestEntries<>(MOST);

  synchronized void expect(String requestId, Answered answer) {
    byRequest.remove(requestId);
    byRequest.put(requestId, answer);
  }

  synchronized Optional<Answered> find(String requestId) {
    return Optional.ofNullable(byRequest.get(requestId));
  }

  synchronized void forget(String requestId) {
    byRequest.remove(requestId);
  }

  synchronized int size() {
    return byRequest.size();
  }
}
