package dev.heirloom.actors.adaptation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the policy remembers of one device; at most 2 KiB encoded.
 *
 * @param rung desired rung; 0 before the first assignment
 * @param logRatio moving average of the natural logarithm of request p95 over the ladder's latency
 * @param latest what the newest counted window alone says {@code logRatio} is
 * @param windows windows counted; 0 where nothing was measured; saturates
 * @param goodWindows consecutive counted windows within budget since the last change
 * @param settling windows still to be skipped after a change
 * @param unmetTold whether it was told that no rung meets the budget
 * @param rungs what was learnt of single rungs, by rung
 */
public record PolicyState(
    int rung,
    double logRatio,
    double latest,
    int windows,
    int goodWindows,
    int settling,
    boolean unmetTold,
    List<RungMemory> rungs) {

  /** Nothing is known and nothing is desired. */
  public static final PolicyState BLANK = new PolicyState(0, 0, 0, 0, 0, 0, false, List.of());

  private static final int MOST_RUNGS = 16;
  private static final double STEADY_LOG = 0.15;

  public PolicyState {
    if (rung < 0) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: >= 0)");
    }
    rungs = List.copyOf(rungs);
  }

  /** Whether the device has measured anything. */
  public boolean measured() {
    return windows > 0;
  }

  /** The state after the desired rung became {@code newRung}, for whatever reason. */
  public PolicyState movedTo(int newRung) {
    return new PolicyState(newRung, logRatio, latest, windows, 0, 1, false, rungs);
  }

  /** The state for another ladder: the device's speed is kept, what single rungs taught is not. */
  public PolicyState forNewLadder() {
    return new PolicyState(0, logRatio, latest, windows, 0, 0, false, List.of());
  }

  /** Whether the newest window and the average agree, so that a load is not just passing. */
  boolean steady() {
    return latest >= logRatio - STEADY_LOG;
  }

  PolicyState settled() {
    return new PolicyState(
        rung, logRatio, latest, windows, goodWindows, settling - 1, unmetTold, rungs);
  }

  PolicyState withGoodWindows(int count) {
    return new PolicyState(rung, logRatio, latest, windows, count, settling, unmetTold, rungs);
  }

  PolicyState withUnmetTold(boolean told) {
    return new PolicyState(rung, logRatio, latest, windows, goodWindows, settling, told, rungs);
  }

  PolicyState learnt(double newLogRatio, double newLatest) {
    int count = Math.min(windows + 1, 1_000_000);
    return new PolicyState(
        rung, newLogRatio, newLatest, count, goodWindows, settling, unmetTold, rungs);
  }

  RungMemory memory(int ofRung) {
    return rungs.stream()
        .filter(memory -> memory.rung() == ofRung)
        .findFirst()
        .orElseGet(() -> RungMemory.blank(ofRung));
  }

  /** Log ratio beyond the device's that is expected at a rung: its own, or the nearest one's. */
  double bias(int atRung) {
    return rungs.stream()
        .filter(memory -> memory.windows() > 0)
        .min(
            Comparator.comparingInt((RungMemory memory) -> Math.abs(memory.rung() - atRung))
                .thenComparing(RungMemory::rung))
        .map(RungMemory::bias)
        .orElse(0.0);
  }

  PolicyState remember(RungMemory memory) {
    List<RungMemory> all = new ArrayList<>(rungs);
    all.removeIf(other -> other.rung() == memory.rung());
    all.add(memory);
    if (all.size() > MOST_RUNGS) {
      all.sort(Comparator.comparingInt(other -> Math.abs(other.rung() - rung)));
      all = all.subList(0, MOST_RUNGS);
    }
    return withRungs(all);
  }

  PolicyState mapRungs(UnaryOperator<RungMemory> change) {
    return withRungs(rungs.stream().map(change).toList());
  }

  private PolicyState withRungs(List<RungMemory> memories) {
    List<RungMemory> sorted =
        memories.stream().sorted(Comparator.comparingInt(RungMemory::rung)).toList();
    return new PolicyState(
        rung, logRatio, latest, windows, goodWindows, settling, unmetTold, sorted);
  }
}
