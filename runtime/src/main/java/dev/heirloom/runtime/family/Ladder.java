package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Manifest;
import java.util.List;

/**
 * The ordered choices of a family.
 *
 * @param rungs smallest first; rung k is element k - 1; ranks never fall from one to the next
 * @param timings what the speed elsewhere is predicted from, one per thread setting; may be empty
 */
public record Ladder(List<RungFigures> rungs, List<LadderTiming> timings) {

  /** More thread settings than these are not timed. */
  private static final int MOST_TIMINGS = 8;

  /** Copies and checks the order. */
  public Ladder {
    rungs = List.copyOf(rungs);
    timings = List.copyOf(timings);
    if (rungs.isEmpty()) {
      throw new IllegalArgumentException("rungs: none (expected: 1 or more)");
    }
    for (int k = 0; k < rungs.size(); k++) {
      RungFigures figures = rungs.get(k);
      if (figures.rung() != k + 1) {
        throw new IllegalArgumentException(
            "rung: " + figures.rung() + " (expected: " + (k + 1) + ")");
      }
      if (k > 0) {
        checkRanks(rungs.get(k - 1), figures);
      }
    }
    checkTimings(rungs, timings);
  }

  /** A ladder without anything to predict from. */
  public Ladder(List<RungFigures> rungs) {
    this(rungs, List.of());
  }

  /** The ladder of a checked manifest. */
  public static Ladder of(Manifest manifest) {
    return new Ladder(
        manifest.getRungsList().stream().map(RungFigures::of).toList(),
        manifest.getTimingsList().stream().map(LadderTiming::of).toList());
  }

  /**
   * One rung.
   *
   * @throws IllegalArgumentException if there is no such rung
   */
  public RungFigures rung(int rung) {
    if (rung < 1 || rung > rungs.size()) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: 1.." + rungs.size() + ")");
    }
    return rungs.get(rung - 1);
  }

  /** Number of rungs. */
  public int size() {
    return rungs.size();
  }

  /** The largest rung. */
  public RungFigures top() {
    return rungs.get(rungs.size() - 1);
  }

  private static void checkTimings(List<RungFigures> rungs, List<LadderTiming> timings) {
    if (timings.size() > MOST_TIMINGS) {
      throw new IllegalArgumentException(
          "timings: " + timings.size() + " (expected: at most " + MOST_TIMINGS + ")");
    }
    for (LadderTiming timing : timings) {
      if (timing.rungs().size() != rungs.size()) {
        throw new IllegalArgumentException(
            "timing: %d rungs (expected: %d)".formatted(timing.rungs().size(), rungs.size()));
      }
    }
  }

  private static void checkRanks(RungFigures smaller, RungFigures larger) {
    if (smaller.ranks().size() != larger.ranks().size()) {
      throw new IllegalArgumentException(
          "ranks of rung %d: %d (expected: %d)"
              .formatted(larger.rung(), larger.ranks().size(), smaller.ranks().size()));
    }
    for (int layer = 0; layer < larger.ranks().size(); layer++) {
      if (larger.ranks().get(layer) < smaller.ranks().get(layer)) {
        throw new IllegalArgumentException(
            "rank of layer %d falls from %d to %d at rung %d"
                .formatted(
                    layer, smaller.ranks().get(layer), larger.ranks().get(layer), larger.rung()));
      }
    }
  }
}
