package dev.heirloom.runtime.measure;

import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Times sessions against each other under the same conditions. */
public final class Latency {

  private Latency() {}

  /**
   * Runs the sessions in turn, again and again, so that whatever else the machine does falls on all
   * of them alike.
   *
   * @param inputs what each run is given
   * @param warmup rounds that are not counted
   * @param rounds rounds that are counted, 1 or more
   * @return one summary per session
   */
  public static List<Summary> interleaved(
      List<OnnxSession> sessions, Map<String, TensorValue> inputs, int warmup, int rounds)
      throws SessionException {
    if (rounds < 1 || warmup < 0) {
      throw new IllegalArgumentException(
          "rounds: %d after %d (expected: 1 or more after 0 or more)".formatted(rounds, warmup));
    }
    long[][] timesNs = new long[sessions.size()][rounds];
    for (int round = -warmup; round < rounds; round++) {
      for (int s = 0; s < sessions.size(); s++) {
        long startNs = System.nanoTime();
        sessions.get(s).run(inputs);
        long tookNs = System.nanoTime() - startNs;
        if (round >= 0) {
          timesNs[s][round] = tookNs;
        }
      }
    }
    List<Summary> summaries = new ArrayList<>();
    for (long[] times : timesNs) {
      summaries.add(Summary.of(times));
    }
    return summaries;
  }

  /**
   * Times of one session.
   *
   * @param p50Ns median
   * @param p95Ns 95th percentile
   * @param meanNs mean
   * @param count runs
   */
  public record Summary(long p50Ns, long p95Ns, long meanNs, long count) {

    /** Summarises times, each in nanoseconds; percentiles are times that occurred. */
    public static Summary of(long[] timesNs) {
      if (timesNs.length == 0) {
        throw new IllegalArgumentException("times: none (expected: 1 or more)");
      }
      long[] sorted = timesNs.clone();
      Arrays.sort(sorted);
      long mean = Math.round(Arrays.stream(sorted).average().orElseThrow());
      return new Summary(at(sorted, 0.50), at(sorted, 0.95), mean, sorted.length);
    }

    private static long at(long[] sorted, double share) {
      int index = (int) Math.ceil(share * sorted.length) - 1;
      return sorted[Math.max(index, 0)];
    }
  }
}
