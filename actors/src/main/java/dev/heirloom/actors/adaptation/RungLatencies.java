package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Latencies of a ladder's rungs on a device that has run none of them, predicted from its
 * micro-probes.
 *
 * <p>The maker's machine was timed under one or more thread settings, with the same probes. Of
 * these the one is taken that is nearest to the device's; of two as near, and where the device does
 * not say its threads, the one whose probes differ from the device's most evenly. A rung's median
 * is then the maker's, times the ratio of each probe's times, weighted by the share of the rung's
 * time that the probe stands for.
 */
public final class RungLatencies {

  /** Request p95 at low load over the median of a session's run. */
  public static final double LOW_LOAD_P95 = 1.3;

  /** Relative error that remains where device and maker differ by one factor. */
  private static final double LEAST_ERROR = 0.05;

  /** Share of the ratios' spread that a split of work by kind and size gets wrong. */
  private static final double SPREAD_ERROR = 0.4;

  private final LadderTiming timing;
  private final List<Double> ratios;

  private RungLatencies(LadderTiming timing, List<Double> ratios) {
    this.timing = timing;
    this.ratios = ratios;
  }

  /** The latencies expected; empty where family or device comes without probes of one set. */
  public static Optional<RungLatencies> expected(Ladder ladder, DeviceProfile profile) {
    return ladder.timings().stream()
        .filter(timing -> timing.probes().comparable(profile.probes()))
        .map(timing -> new RungLatencies(timing, ratios(timing.probes(), profile.probes())))
        .min(
            Comparator.<RungLatencies>comparingDouble(latencies -> latencies.apart(profile))
                .thenComparingDouble(RungLatencies::unevenness));
  }

  /**
   * Whether what a device's class learnt holds on a ladder, and what is learnt there for its class:
   * a class of probed devices measures by predicted latencies, which an old family has not.
   */
  public static boolean classSpeaks(Ladder ladder, DeviceProfile profile) {
    return classSpeaks(profile, expected(ladder, profile));
  }

  static boolean classSpeaks(DeviceProfile profile, Optional<RungLatencies> expected) {
    return !profile.probes().known() || expected.isPresent();
  }

  /** Expected median of one inference of one sample in ns. */
  public long p50Ns(int rung) {
    LadderTiming.OfRung of = timing.rung(rung);
    double factor = 0;
    for (int probe = 0; probe < ratios.size(); probe++) {
      factor += of.shares().get(probe) * ratios.get(probe);
    }
    return Math.max(1, Math.round(of.p50Ns() * factor));
  }

  /** Expected request p95 in ns where hardly any request waits for another. */
  public long lowLoadP95Ns(int rung) {
    return Math.round(LOW_LOAD_P95 * p50Ns(rung));
  }

  /**
   * Relative error to be expected of {@link #p50Ns}, one standard deviation: the more the probes'
   * ratios differ, the more depends on how the rung's time was split.
   */
  public double error(int rung) {
    return Math.hypot(LEAST_ERROR, SPREAD_ERROR * spread(timing.rung(rung).shares()));
  }

  /** The request p95 at low load with its interval. */
  ExpectedLatency expected(int rung) {
    return ExpectedLatency.of(
        ExpectedLatency.Basis.MICRO_PROBES, LOW_LOAD_P95 * p50Ns(rung), Math.log1p(error(rung)), 0);
  }

  /**
   * The same ladder with the medians that are expected on the device. Doing so twice changes
   * nothing more.
   */
  Ladder in(Ladder ladder) {
    List<RungFigures> figures = new ArrayList<>();
    for (RungFigures rung : ladder.rungs()) {
      double factor = (double) p50Ns(rung.rung()) / Math.max(1, rung.latencyP50Ns());
      figures.add(rung.withLatency(p50Ns(rung.rung()), Math.round(factor * rung.latencyP95Ns())));
    }
    return new Ladder(figures, ladder.timings());
  }

  /** How unlike the thread settings are, as the logarithm of their ratio; 0 where unknown. */
  private double apart(DeviceProfile profile) {
    return profile.threads() == 0
        ? 0
        : Math.abs(Math.log((double) timing.threads() / profile.threads()));
  }

  /** How far the ratios are from one factor for the whole ladder. */
  private double unevenness() {
    return timing.rungs().stream().mapToDouble(rung -> spread(rung.shares())).average().orElse(0);
  }

  /** Standard deviation of the ratios' logarithms, weighted by shares. */
  private double spread(List<Double> shares) {
    double mean = 0;
    double square = 0;
    for (int probe = 0; probe < ratios.size(); probe++) {
      double log = Math.log(ratios.get(probe));
      mean += shares.get(probe) * log;
      square += shares.get(probe) * log * log;
    }
    return Math.sqrt(Math.max(0, square - mean * mean));
  }

  private static List<Double> ratios(ProbeTimes maker, ProbeTimes device) {
    List<Double> ratios = new ArrayList<>();
    for (int probe = 0; probe < maker.ns().size(); probe++) {
      ratios.add((double) device.ns().get(probe) / maker.ns().get(probe));
    }
    return ratios;
  }
}
