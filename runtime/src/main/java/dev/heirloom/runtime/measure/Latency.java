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

  private static final int MOST_ROUNDS = 1_000;

  /** For as long as this, about, idle threads of a session look for work before they sleep. */
  private static final long SETTLING_NS = 2_000_000;

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
   * How many rounds to measure where they should take about so long.
   *
   * @param roundNs that one round takes, as far as is known
   * @param fewest however long they take
   * @param most however short they are
   */
  public static int rounds(long roundNs, int fewest, int most, long patienceNs) {
    return (int) Math.max(fewest, Math.min(most, patienceNs / Math.max(1, roundNs)));
  }

  /**
   * Runs a block of each session in turn, again and again. Each is measured as it runs alone: it
   * runs until the threads of the session before, which wait for more work for a while, are at
   * rest.
   *
   * @param inputs what each run is given
   * @param block runs of one session in a row, 1 or more
   * @param leastRounds blocks of each session, 1 or more
   * @param patienceNs as long as this has not passed, there are more rounds, 1,000 at most
   * @return the median of each session's blocks' medians in ns
   */
  public static List<Long> inBlocks(
      List<OnnxSession> sessions,
      Map<String, TensorValue> inputs,
      int block,
      int leastRounds,
      long patienceNs)
      throws SessionException {
    if (leastRounds < 1) {
      throw new IllegalArgumentException("rounds: " + leastRounds + " (expected: 1 or more)");
    }
    List<List<Long>> medians = new ArrayList<>();
    sessions.forEach(session -> medians.add(new ArrayList<>()));
    long beganNs = System.nanoTime();
    for (int round = 0;
        round < leastRounds || (round < MOST_ROUNDS && System.nanoTime() - beganNs < patienceNs);
        round++) {
      for (int s = 0; s < sessions.size(); s++) {
        settle(sessions.get(s), inputs);
        Summary summary = interleaved(List.of(sessions.get(s)), inputs, 0, block).get(0);
        medians.get(s).add(summary.p50Ns());
      }
    }
    return medians.stream()
        .map(each -> Summary.of(each.stream().mapToLong(Long::longValue).toArray()).p50Ns())
        .toList();
  }

  private static void settle(OnnxSession session, Map<String, TensorValue> inputs)
      throws SessionException {
    long beganNs = System.nanoTime();
    do {
      session.run(inputs);
    } while (System.nanoTime() - beganNs < SETTLING_NS);
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
