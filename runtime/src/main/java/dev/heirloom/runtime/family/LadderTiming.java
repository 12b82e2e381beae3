package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.RungTiming;
import dev.heirloom.proto.v1.Timing;
import java.util.List;

/**
 * How fast a ladder was under one thread setting where its family was made, and what the same
 * machine took for the micro-probes: what another machine's speed is predicted from.
 *
 * @param threads that one session had, from 1
 * @param probes what the machine took for them
 * @param rungs smallest first, one per rung of the ladder
 */
public record LadderTiming(int threads, ProbeTimes probes, List<OfRung> rungs) {

  private static final int MOST_THREADS = 1024;
  private static final double SUM_TOLERANCE = 1e-3;

  /**
   * One rung.
   *
   * @param p50Ns median time of one sample in ns, from 1
   * @param shares how the time splits over what each micro-probe stands for: one per probe, 0..1,
   *     in sum 1
   */
  public record OfRung(long p50Ns, List<Double> shares) {

    /** Copies the shares and checks them. */
    public OfRung {
      shares = List.copyOf(shares);
      if (p50Ns < 1) {
        throw new IllegalArgumentException(
            "timing: p50 " + Long.toUnsignedString(p50Ns) + " ns (expected: 1 or more)");
      }
      double sum = 0;
      for (double share : shares) {
        if (!(share >= 0 && share <= 1)) {
          throw new IllegalArgumentException("timing: share " + share + " (expected: 0..1)");
        }
        sum += share;
      }
      if (Math.abs(sum - 1) > SUM_TOLERANCE) {
        throw new IllegalArgumentException("timing: shares add up to " + sum + " (expected: 1)");
      }
    }
  }

  /** Copies the rungs and checks them against the probes. */
  public LadderTiming {
    rungs = List.copyOf(rungs);
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "timing: threads %s (expected: 1..%d)"
              .formatted(Integer.toUnsignedString(threads), MOST_THREADS));
    }
    if (!probes.known()) {
      throw new IllegalArgumentException("timing: no probes (expected: 1 or more)");
    }
    for (OfRung rung : rungs) {
      if (rung.shares().size() != probes.ns().size()) {
        throw new IllegalArgumentException(
            "timing: %d shares (expected: %d, one per probe)"
                .formatted(rung.shares().size(), probes.ns().size()));
      }
    }
  }

  /** One rung, from 1. */
  public OfRung rung(int rung) {
    return rungs.get(rung - 1);
  }

  /** The timing in a manifest. */
  static LadderTiming of(Timing timing) {
    return new LadderTiming(
        timing.getThreads(),
        new ProbeTimes(timing.getProbeSet(), timing.getProbeNsList()),
        timing.getRungsList().stream()
            .map(rung -> new OfRung(rung.getP50Ns(), rung.getSharesList()))
            .toList());
  }

  /** As it stands in a manifest. */
  public Timing toManifest() {
    Timing.Builder timing =
        Timing.newBuilder()
            .setThreads(threads)
            .setProbeSet(probes.version())
            .addAllProbeNs(probes.ns());
    for (OfRung rung : rungs) {
      timing.addRungs(
          RungTiming.newBuilder().setP50Ns(rung.p50Ns()).addAllShares(rung.shares()).build());
    }
    return timing.build();
  }
}
