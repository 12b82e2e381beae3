package dev.heirloom.inheritance;

import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures whole heirs against their teacher in turn, on one sample, on one thread and on all. Owns
 * the teacher's sessions until it is closed.
 */
final class HeirTiming implements AutoCloseable {

  private static final int WARM_UP = 5;
  private static final int FEWEST_ROUNDS = 15;
  private static final int MOST_ROUNDS = 60;
  private static final long PATIENCE_NS = 400_000_000;

  private final Map<String, TensorValue> oneSample;
  private final List<Teacher> teachers = new ArrayList<>();

  private record Teacher(SessionSettings settings, OnnxSession session, int rounds) {}

  /**
   * Latencies over the teacher's in the same run.
   *
   * @param oneThreadNs the heir's median on one thread
   * @param oneThread ratio on one thread
   * @param worst the larger of the ratios on one thread and on all
   */
  record Relative(long oneThreadNs, double oneThread, double worst) {}

  /**
   * Opens the teacher.
   *
   * @param teacher as ONNX
   * @param threads the larger number of threads; 1 measures on one only
   */
  HeirTiming(byte[] teacher, Map<String, TensorValue> oneSample, int threads)
      throws SessionException {
    this.oneSample = oneSample;
    try {
      open(teacher, 1);
      if (threads > 1) {
        open(teacher, threads);
      }
    } catch (SessionException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(byte[] teacher, int threads) throws SessionException {
    SessionSettings settings = SessionSettings.cpu(threads);
    OnnxSession session = OnnxSession.open(teacher, settings);
    teachers.add(new Teacher(settings, session, MOST_ROUNDS));
    long ns = Latency.interleaved(List.of(session), oneSample, 2, 5).get(0).p50Ns();
    int rounds = Latency.rounds(ns, FEWEST_ROUNDS, MOST_ROUNDS, PATIENCE_NS);
    teachers.set(teachers.size() - 1, new Teacher(settings, session, rounds));
  }

  /** Median latency of the teacher on one thread is measured anew beside each heir. */
  Relative measure(byte[] heir) throws SessionException {
    long oneThreadNs = 0;
    double oneThread = 0;
    double worst = 0;
    for (Teacher teacher : teachers) {
      try (OnnxSession session = OnnxSession.open(heir, teacher.settings)) {
        List<Latency.Summary> summaries =
            Latency.interleaved(
                List.of(teacher.session, session), oneSample, WARM_UP, teacher.rounds);
        double ratio = (double) summaries.get(1).p50Ns() / summaries.get(0).p50Ns();
        if (teacher.settings.threads() == 1) {
          oneThreadNs = summaries.get(1).p50Ns();
          oneThread = ratio;
        }
        worst = Math.max(worst, ratio);
      }
    }
    return new Relative(oneThreadNs, oneThread, worst);
  }

  @Override
  public void close() {
    teachers.forEach(teacher -> teacher.session.close());
    teachers.clear();
  }
}
