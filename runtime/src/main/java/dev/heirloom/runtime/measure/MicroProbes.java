package dev.heirloom.runtime.measure;

import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
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

  /** Runs of one probe that are measured in a row. */
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
      Map<String, TensorValue> input =
          Map.of(ProbeGraph.INPUT, TensorValue.floats(new float[] {1}, 1));
      Latency.inBlocks(sessions, input, BLOCK, 1, WARM_UP_NS);
      return net(Latency.inBlocks(sessions, input, BLOCK, LEAST_ROUNDS, MEASURED_NS));
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private static ProbeTimes net(List<Long> grossNs) {
    long emptyNs = grossNs.get(0);
    List<Long> net = new ArrayList<>();
    net.add(Math.max(1, emptyNs));
    for (long probeNs : grossNs.subList(1, grossNs.size())) {
      double least = Math.max(1, LEAST_NET * probeNs);
      net.add(Math.round(Math.max(least, probeNs - emptyNs)));
    }
    return new ProbeTimes(VERSION, net);
  }
}
