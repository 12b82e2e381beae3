package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a choice is made under.
 *
 * @param ladder rungs to choose from, with the latencies that are expected on the device
 * @param profile what the device is
 * @param budget what is asked of it
 * @param prior what is known of its class; nothing where the class measures by another base
 * @param blocked rungs that could not be installed and are not chosen any more
 */
public record Terms(
    Ladder ladder, DeviceProfile profile, Budget budget, ClassPrior prior, Set<Integer> blocked) {

  public Terms {
    Optional<RungLatencies> predicted = RungLatencies.expected(ladder, profile);
    prior = RungLatencies.classSpeaks(profile, predicted) ? prior : ClassPrior.NONE;
    ladder = predicted.isPresent() ? predicted.get().in(ladder) : ladder;
    blocked = Set.copyOf(blocked);
  }

  /** Whether a rung may be chosen as far as memory and size go. */
  boolean fits(int rung) {
    RungFigures figures = ladder.rung(rung);
    return within(figures.memoryBytes(), budget.memoryBytes())
        && within(figures.memoryBytes(), profile.memoryBytes())
        && within(figures.sizeBytes(), budget.sizeBytes());
  }

  /** Rungs that fit and can be installed, smallest first; may be empty. */
  List<Integer> candidates() {
    List<Integer> candidates = new ArrayList<>(ladder.size());
    for (int rung = 1; rung <= ladder.size(); rung++) {
      if (!blocked.contains(rung) && fits(rung)) {
        candidates.add(rung);
      }
    }
    return candidates;
  }

  /** Rungs that can be installed, smallest first; may be empty. */
  List<Integer> installable() {
    return ladder.rungs().stream()
        .map(RungFigures::rung)
        .filter(k -> !blocked.contains(k))
        .toList();
  }

  /** Whether a rung is expected to be as accurate as asked. */
  boolean accurate(int rung) {
    return ladder.rung(rung).accuracy() >= budget.leastAccuracy();
  }

  /** Whether there is a latency budget. */
  boolean timed() {
    return budget.p95LatencyNs() > 0;
  }

  private static boolean within(long value, long limit) {
    return limit == 0 || value <= limit;
  }
}
