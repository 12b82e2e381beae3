package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Rung;
import java.util.List;

/**
 * What is known about one rung of a family.
 *
 * @param rung from 1, the smallest
 * @param ranks per factored layer, in the manifest's order, without padding
 * @param parameters elements of all floating-point weights, without padding
 * @param macs multiply-accumulates of one sample
 * @param sizeBytes all blobs that this rung needs, the probe not counted
 * @param accuracy on the validation samples, 0..1: the share of labels met, or the task's measure
 * @param agreement with the teacher on the validation samples, 0..1: the share of answers with the
 *     same class, or the task's measure
 * @param latencyP50Ns median time of one sample where the family was made, 0 if not measured
 * @param latencyP95Ns 95th percentile of the same
 * @param memoryBytes weights as the runtime holds them, and the largest activations of one sample
 */
public record RungFigures(
    int rung,
    List<Integer> ranks,
    long parameters,
    long macs,
    long sizeBytes,
    double accuracy,
    double agreement,
    long latencyP50Ns,
    long latencyP95Ns,
    long memoryBytes) {

  /** Copies {@code ranks} and checks every figure's range. */
  public RungFigures {
    ranks = List.copyOf(ranks);
    if (rung < 1) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: 1 or more)");
    }
    for (int rank : ranks) {
      atLeast("rank", rank, 1);
    }
    atLeast("parameters", parameters, 0);
    atLeast("macs", macs, 0);
    atLeast("sizeBytes", sizeBytes, 0);
    atLeast("latencyP50Ns", latencyP50Ns, 0);
    atLeast("latencyP95Ns", latencyP95Ns, 0);
    atLeast("memoryBytes", memoryBytes, 0);
    share("accuracy", accuracy);
    share("agreement", agreement);
  }

  /** The figures in a manifest's rung. */
  public static RungFigures of(Rung rung) {
    return new RungFigures(
        rung.getRung(),
        rung.getRanksList(),
        rung.getParameters(),
        rung.getMacs(),
        rung.getSizeBytes(),
        rung.getAccuracy(),
        rung.getAgreement(),
        rung.getLatencyP50Ns(),
        rung.getLatencyP95Ns(),
        rung.getMemoryBytes());
  }

  /** The same rung with other latencies, as on another machine. */
  public RungFigures withLatency(long p50Ns, long p95Ns) {
    return new RungFigures(
        rung, ranks, parameters, macs, sizeBytes, accuracy, agreement, p50Ns, p95Ns, memoryBytes);
  }

  /** The figures as a manifest's rung, still without its patch. */
  public Rung toManifest() {
    return Rung.newBuilder()
        .setRung(rung)
        .addAllRanks(ranks)
        .setParameters(parameters)
        .setMacs(macs)
        .setSizeBytes(sizeBytes)
        .setAccuracy(accuracy)
        .setAgreement(agreement)
        .setLatencyP50Ns(latencyP50Ns)
        .setLatencyP95Ns(latencyP95Ns)
        .setMemoryBytes(memoryBytes)
        .build();
  }

  private static void atLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          what + ": " + Long.toUnsignedString(value) + " (expected: " + least + " or more)");
    }
  }

  private static void share(String what, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: 0..1)");
    }
  }
}
