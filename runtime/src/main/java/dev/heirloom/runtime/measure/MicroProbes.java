package dev.heirloom.runtime.measure;

import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The set of micro-probes: ten small graphs by which a machine's speed at any heir can be told
 * before it runs one. A set of one version is the same graphs on every machine.
 */
public final class MicroProbes {

  /** The version of the set that is run here. */
  public static final int VERSION = 1;

  private static final long WARM_UP_NS = 300_000_000;
  private static final long MEASURED_NS = 700_000_000;
  private static final int LEAST_ROUNDS = 3;
  private static final int MOST_ROUNDS = 1_000;

  /**
   * Runs of one probe in a row: a session that was idle wakes its threads first, and those of the
   * probe before still wait for more.
   */
  private static final int BLOCK = 11;

  /** What a probe takes at least beyond an empty run, as a share of its time. */
  private static final double LEAST_NET = 0.05;

  private MicroProbes() {}

  /**
   * Runs the set, a block of each probe in turn, in about a second; a machine that runs it less
   * than thirty times a second takes longer.
   *
   * @param settings as heirs run
   * @return the median of each, what any run costs taken off all but the first
   */
  public static ProbeTimes measure(SessionSettings settings) throws SessionException {
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      for (MicroProbe probe : MicroProbe.values()) {
        sessions.add(OnnxSession.open(probe.onnx(), settings));
      }
      rounds(sessions, 1, WARM_UP_NS);
      return net(rounds(sessions, LEAST_ROUNDS, MEASURED_NS));
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  /** Medians by probe and round, in ns. */
  private static long[][] rounds(List<OnnxSession> sessions, int least, long patienceNs)
      throws SessionException {
    Map<String, TensorValue> input =
        Map.of(ProbeGraph.INPUT, TensorValue.floats(new float[] {1}, 1));
    long[][] timesNs = new long[sessions.size()][MOST_ROUNDS];
    long beganNs = System.nanoTime();
    int round = 0;
    while (round < least || (round < MOST_ROUNDS && System.nanoTime() - beganNs < patienceNs)) {
      for (int s = 0; s < sessions.size(); s++) {
        timesNs[s][round] =
            Latency.interleaved(List.of(sessions.get(s)), input, 0, BLOCK).get(0).p50Ns();
      }
      round++;
    }
    for (int s = 0; s < timesNs.length; s++) {
      timesNs[s] = Arrays.copyOf(timesNs[s], round);
    }
    return timesNs;
  }

  private static ProbeTimes net(long[][] timesNs) {
    long emptyNs = Latency.Summary.of(timesNs[0]).p50Ns();
    List<Long> net = new ArrayList<>();
    for (int s = 0; s < timesNs.length; s++) {
      long grossNs = Latency.Summary.of(timesNs[s]).p50Ns();
      double least = Math.max(1, LEAST_NET * grossNs);
      net.add(Math.round(s == 0 ? Math.max(1, grossNs) : Math.max(least, grossNs - emptyNs)));
    }
    return new ProbeTimes(VERSION, net);
  }
}
