package dev.heirloom.inheritance;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.measure.WorkSplit;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the manifest tells of the speed where the family was made: per thread setting, the rungs'
 * medians, this machine's micro-probes, and how each rung's time splits over them.
 */
final class SpeedRecord {

  private static final long WARM_UP_NS = 300_000_000;
  private static final long PATIENCE_NS = 1_500_000_000;
  private static final int LEAST_ROUNDS = 5;

  /** One run of every rung takes no longer than this where blocks can be long. */
  private static final long QUICK_NS = 20_000_000;

  private static final int BLOCK = 11;
  private static final int SLOW_BLOCK = 3;

  private final List<Measured> measured = new ArrayList<>();

  private record Measured(int threads, ProbeTimes probes, List<Long> p50Ns) {}

  /**
   * Runs the micro-probes, and then the rungs in the same way: a block of each in turn, as a device
   * runs the one that it serves.
   *
   * @param heirs smallest first, as ONNX
   */
  void add(int threads, List<byte[]> heirs, Map<String, TensorValue> oneSample)
      throws SessionException {
    SessionSettings settings = SessionSettings.cpu(threads);
    ProbeTimes probes = MicroProbes.measure(settings);
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      for (byte[] heir : heirs) {
        sessions.add(OnnxSession.open(heir, settings));
      }
      long roundNs =
          Latency.inBlocks(sessions, oneSample, 2, 2, WARM_UP_NS).stream()
              .mapToLong(Long::longValue)
              .sum();
      int block = roundNs < QUICK_NS ? BLOCK : SLOW_BLOCK;
      measured.add(
          new Measured(
              threads,
              probes,
              Latency.inBlocks(sessions, oneSample, block, LEAST_ROUNDS, PATIENCE_NS)));
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  /**
   * One timing per thread setting.
   *
   * @param heirs the rungs that are kept, smallest first, as ONNX
   * @throws SessionException if a rung's intermediate values cannot be looked at
   */
  List<LadderTiming> timings(List<byte[]> heirs, Map<String, TensorValue> oneSample)
      throws SessionException, MalformedException {
    List<List<LadderTiming.OfRung>> rungs = new ArrayList<>();
    measured.forEach(each -> rungs.add(new ArrayList<>()));
    for (int k = 0; k < heirs.size(); k++) {
      OnnxModel heir = OnnxModel.parse(heirs.get(k), "rung " + (k + 1));
      Map<String, long[]> shapes = WorkSplit.shapes(heir, oneSample);
      for (int i = 0; i < measured.size(); i++) {
        List<Double> shares = WorkSplit.of(heir, shapes, measured.get(i).probes());
        rungs.get(i).add(new LadderTiming.OfRung(measured.get(i).p50Ns().get(k), shares));
      }
    }
    List<LadderTiming> timings = new ArrayList<>();
    for (int i = 0; i < measured.size(); i++) {
      timings.add(
          new LadderTiming(measured.get(i).threads(), measured.get(i).probes(), rungs.get(i)));
    }
    return timings;
  }
}
