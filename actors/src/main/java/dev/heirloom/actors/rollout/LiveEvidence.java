package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.WindowReport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What devices measure, as it comes: only this is lost where a rollout stops before it is
 * persisted, and more follows. Devices are listened to from the turn of the group before theirs.
 */
final class LiveEvidence {
  private final Map<String, DeviceEvidence> evidence = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private final Map<String, WindowReport> newest = new HashMap<>();

  void forget() {
    evidence.clear();
    changed.clear();
    newest.clear();
  }

  void restart(RolloutState.Known known) {
    forget();
    evidence.putAll(known.evidence());
  }

  /** Counts the newest window of a device, once. */
  void learn(RolloutState.Known known, Member member, DeviceStatus status) {
    if (status.lastWindow().isEmpty()
        || known.phase() != Phase.RUNNING
        || member.group() > known.group() + 1) {
      return;
    }
    WindowReport window = status.lastWindow().get();
    WindowReport before = newest.put(member.name(), window);
    boolean settled =
        before != null
            && before.manifest().equals(window.manifest())
            && before.rung() == window.rung();
    // The first one of a rung, and of this program's life, may tell of a start.
    if (!settled || before.sequence() == window.sequence() || window.late()) {
      return;
    }
    String version = window.manifest().hex();
    boolean ofTarget = version.equals(known.plan().target());
    if (ofTarget ? !known.told(member) : !version.equals(known.plan().previous())) {
      return;
    }
    DeviceEvidence next =
        evidence
            .getOrDefault(member.name(), DeviceEvidence.none(member.name()))
            .with(window, ofTarget);
    evidence.put(member.name(), next);
    changed.add(member.name());
  }

  /** What changed since this was last asked. */
  List<DeviceEvidence> news() {
    List<DeviceEvidence> news =
        changed.stream()
            .sorted()
            .map(name -> evidence.getOrDefault(name, DeviceEvidence.none(name)))
            .toList();
    changed.clear();
    return news;
  }
}
