package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.WindowReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one device measured of the version before and of the target.
 *
 * @param device its name
 * @param before by rung, the version before
 * @param after by rung, the target
 */
public record DeviceEvidence(String device, List<Tally> before, List<Tally> after) {

  private static final int MOST_RUNGS = 64;

  public DeviceEvidence {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  static DeviceEvidence none(String device) {
    return new DeviceEvidence(device, List.of(), List.of());
  }

  DeviceEvidence with(WindowReport window, boolean ofTarget) {
    return ofTarget
        ? new DeviceEvidence(device, before, added(after, window))
        : new DeviceEvidence(device, added(before, window), after);
  }

  private static List<Tally> added(List<Tally> tallies, WindowReport window) {
    List<Tally> next = new ArrayList<>(tallies);
    Optional<Tally> known =
        tallies.stream().filter(tally -> tally.rung() == window.rung()).findFirst();
    if (known.isEmpty() && next.size() >= MOST_RUNGS) {
      return tallies;
    }
    known.ifPresent(next::remove);
    next.add(known.orElseGet(() -> Tally.of(window.rung())).with(window));
    next.sort(Comparator.comparingInt(Tally::rung));
    return next;
  }

  int windowsBefore() {
    return before.stream().mapToInt(Tally::windows).sum();
  }

  int windowsAfter() {
    return after.stream().mapToInt(Tally::windows).sum();
  }

  long labelsBefore() {
    return before.stream().mapToLong(Tally::labels).sum();
  }
}
