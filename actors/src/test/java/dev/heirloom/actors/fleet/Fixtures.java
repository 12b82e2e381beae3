package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Families, devices and windows with plain numbers. */
public final class Fixtures {

  /** A class of devices with two threads. */
  public static final DeviceProfile PROFILE =
      new DeviceProfile("pi", 4, 0, List.of("CPU"), Map.of("site", "north"), "1.0", 2);

  private Fixtures() {}

  /** Rung k takes k ms, 1 MB of memory and 2 MB of blobs per rung; accuracy 0.90, 0.91, … */
  public static Ladder ladder(int rungs) {
    List<RungFigures> figures = new ArrayList<>();
    for (int k = 1; k <= rungs; k++) {
      figures.add(
          new RungFigures(
              k,
              List.of(16 * k),
              1000L * k,
              2000L * k,
              2_000_000L * k,
              Math.min(1, 0.89 + 0.01 * k),
              0.95,
              1_000_000L * k,
              1_200_000L * k,
              1_000_000L * k));
    }
    return new Ladder(figures);
  }

  /** A digest that stands for {@code text}. */
  public static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A family version with {@link #ladder}. */
  public static PublishedFamily family(String name, String version, int rungs) {
    return new PublishedFamily(name, digest(name + version), 1000, Instant.EPOCH, ladder(rungs));
  }

  /** A latency budget. */
  public static Budget budgetMs(double p95Ms) {
    return new Budget(Math.round(p95Ms * 1e6), 0, 0, 0);
  }

  /** A window of traffic with 100 requests. */
  public static WindowReport window(long sequence, PublishedFamily family, int rung, double p95Ms) {
    return window(sequence, family, rung, p95Ms, 100);
  }

  /** A window of traffic. */
  public static WindowReport window(
      long sequence, PublishedFamily family, int rung, double p95Ms, long requests) {
    long p95Ns = Math.round(p95Ms * 1e6);
    LatencySummary latency = new LatencySummary(requests, p95Ns / 2, p95Ns, p95Ns, p95Ns);
    return new WindowReport(
        sequence,
        sequence,
        Instant.ofEpochSecond(10 * sequence),
        Duration.ofSeconds(10),
        family.name(),
        family.manifest(),
        rung,
        Source.TRAFFIC,
        latency,
        latency,
        0,
        0,
        0,
        0,
        0,
        0,
        0.9,
        0.3,
        50_000_000,
        0.5,
        Double.NaN,
        false);
  }

  /** The same window with labels, and with what the answers say of themselves. */
  public static WindowReport seen(
      WindowReport window, long labelled, long correct, double confidence, double entropy) {
    return changed(window, labelled, correct, confidence, entropy, window.late());
  }

  /** The same, measured while there was no connection. */
  public static WindowReport late(WindowReport window) {
    return changed(
        window,
        window.labelled(),
        window.correct(),
        window.meanConfidence(),
        window.meanEntropy(),
        true);
  }

  private static WindowReport changed(
      WindowReport window,
      long labelled,
      long correct,
      double confidence,
      double entropy,
      boolean late) {
    return new WindowReport(
        window.firstSequence(),
        window.sequence(),
        window.start(),
        window.duration(),
        window.family(),
        window.manifest(),
        window.rung(),
        window.source(),
        window.request(),
        window.session(),
        window.errors(),
        labelled,
        correct,
        window.probeSamples(),
        window.probeCorrect(),
        window.probeAgreeing(),
        confidence,
        entropy,
        window.residentBytes(),
        window.cpuCores(),
        window.celsius(),
        late);
  }
}
