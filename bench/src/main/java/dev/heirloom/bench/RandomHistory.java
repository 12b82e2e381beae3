package dev.heirloom.bench;

import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.Terms;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a device of a ladder of 16 rungs goes through: budgets that change, load that comes and
 * goes, windows with few requests, and some that are beyond all measure. The same for a seed.
 */
final class RandomHistory {
  private static final int RUNGS = 16;
  private static final Ladder LADDER = ladder();
  private static final Digest MANIFEST = Digest.of("bench".getBytes(StandardCharsets.UTF_8));
  private static final DeviceProfile PROFILE =
      new DeviceProfile("bench", 4, 8L << 30, List.of(), Map.of(), "", 2);

  private final SplittableRandom random;
  private final ClassPrior prior;
  private Terms terms;
  private double load = 1;
  private long sequence = 1;

  RandomHistory(long seed) {
    random = new SplittableRandom(seed);
    prior = random.nextInt(3) == 0 ? ClassPrior.NONE : new ClassPrior(random.nextDouble(-1, 2), 8);
    terms = drawn();
  }

  private static Ladder ladder() {
    List<RungFigures> rungs = new ArrayList<>();
    for (int k = 1; k <= RUNGS; k++) {
      rungs.add(
          new RungFigures(
              k,
              List.of(8 * k),
              1000L * k,
              2000L * k,
              2_000_000L * k,
              0.8 + 0.01 * k,
              0.9,
              1_000_000L * k,
              1_100_000L * k,
              1_000_000L * k));
    }
    return new Ladder(rungs);
  }

  Terms terms() {
    return terms;
  }

  /** Whether the terms are others from now on. */
  boolean changesTerms() {
    boolean changes = random.nextInt(25) == 0;
    terms = changes ? drawn() : terms;
    return changes;
  }

  private Terms drawn() {
    Budget budget =
        new Budget(
            Math.round(Math.exp(random.nextDouble(Math.log(2e6), Math.log(1.2e8)))),
            random.nextInt(4) == 0 ? random.nextLong(1_000_000, 20_000_000) : 0,
            0,
            random.nextInt(4) == 0 ? random.nextDouble(0.8, 1) : 0);
    return new Terms(LADDER, PROFILE, budget, prior, Set.of());
  }

  /** The next window of a rung. */
  WindowReport window(int rung) {
    sequence++;
    load = random.nextInt(12) == 0 ? random.nextDouble(0.5, 5) : load;
    double noise = Math.exp(random.nextDouble(-0.2, 0.2));
    double measured = load * noise * LADDER.rung(rung).latencyP50Ns();
    long p95Ns = random.nextInt(150) == 0 ? Long.MAX_VALUE / 4 : Math.round(measured);
    long count = random.nextInt(10) == 0 ? random.nextInt(20) : random.nextLong(20, 2_000_000);
    LatencySummary latency = new LatencySummary(count, p95Ns / 2, p95Ns, p95Ns, p95Ns);
    long labelled = Math.min(count, 200);
    return new WindowReport(
        sequence,
        sequence,
        Instant.EPOCH,
        Duration.ofSeconds(10),
        "bench",
        MANIFEST,
        rung,
        Source.TRAFFIC,
        latency,
        latency,
        0,
        labelled,
        random.nextLong(labelled + 1),
        0,
        0,
        0,
        random.nextDouble(),
        random.nextDouble(),
        0,
        0.5,
        Double.NaN,
        random.nextInt(20) == 0);
  }
}
