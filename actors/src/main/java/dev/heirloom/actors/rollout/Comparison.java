package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.Difference.Pair;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How one kind of measurement differs between the version before and the target on the same
 * devices.
 *
 * @param target ladder of the target
 * @param kind what is taken of a tally
 * @param byLadder what the ladder says of it, by which devices are compared that serve other rungs
 *     of the target than of the version before
 */
record Comparison(
    Ladder target, Function<Tally, Sample> kind, ToDoubleFunction<RungFigures> byLadder) {
  private static final double FAR_MORE = 2;

  /**
   * What of a difference that the ladder says between two rungs is there on a device at least. Its
   * latencies are of the network alone; a request has a part that no rung changes.
   */
  private static final double LEAST_SHARE = 0.25;

  /**
   * Rungs that a device served of both versions; where that tells much less than the rungs that it
   * served most, these, moved by the ladder.
   */
  Difference of(Collection<DeviceEvidence> evidence) {
    List<Pair> pairs = new ArrayList<>();
    for (DeviceEvidence device : evidence) {
      List<Pair> same = sameRungs(device);
      Optional<Pair> across = acrossRungs(device).filter(Pair::tells);
      double weight = same.stream().mapToDouble(Pair::weight).sum();
      if (across.isPresent() && across.get().weight() > FAR_MORE * weight) {
        pairs.add(across.get());
      } else {
        pairs.addAll(same);
      }
    }
    return Difference.of(pairs);
  }

  private List<Pair> sameRungs(DeviceEvidence device) {
    return device.before().stream()
        .flatMap(
            old ->
                device.after().stream()
                    .filter(tally -> tally.rung() == old.rung())
                    .map(tally -> new Pair(kind.apply(old), kind.apply(tally))))
        .filter(Pair::tells)
        .toList();
  }

  private Optional<Pair> acrossRungs(DeviceEvidence device) {
    Optional<Tally> old = most(device.before());
    Optional<Tally> young = most(device.after());
    if (old.isEmpty() || young.isEmpty() || old.get().rung() > target.size()) {
      return Optional.empty();
    }
    double expected =
        byLadder.applyAsDouble(target.rung(old.get().rung()))
            - byLadder.applyAsDouble(target.rung(young.get().rung()));
    return Optional.of(
        new Pair(
            kind.apply(old.get()),
            kind.apply(young.get()).shifted(expected * (1 + LEAST_SHARE) / 2),
            Math.abs(expected) * (1 - LEAST_SHARE) / 2));
  }

  private Optional<Tally> most(List<Tally> tallies) {
    return tallies.stream()
        .filter(tally -> tally.rung() <= target.size())
        .max((one, other) -> Double.compare(kind.apply(one).count(), kind.apply(other).count()));
  }
}
