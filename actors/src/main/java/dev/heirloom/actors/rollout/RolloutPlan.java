package dev.heirloom.actors.rollout;

import java.util.List;
import java.util.Map;

/**
 * What an operator asked for. Persisted as it is.
 *
 * @param family name of the family
 * @param target version to be introduced, in hexadecimal
 * @param previous the family's current version when the rollout was created, in hexadecimal
 * @param selector labels that a device must have; empty for every device of the family
 * @param groups sizes in order, the canary first; the devices that are left form a last group
 * @param gates what each group must keep
 * @param pace how long everything may take
 * @param windows when installations may begin; empty for always
 */
public record RolloutPlan(
    String family,
    String target,
    String previous,
    Map<String, String> selector,
    List<GroupSize> groups,
    Gates gates,
    Pace pace,
    List<MaintenanceWindow> windows) {

  private static final int MOST = 32;

  public RolloutPlan {
    selector = Map.copyOf(selector);
    groups = List.copyOf(groups);
    windows = List.copyOf(windows);
    if (groups.isEmpty() || groups.size() > MOST) {
      throw new IllegalArgumentException("groups: " + groups.size() + " (expected: 1..32)");
    }
    if (windows.size() > MOST) {
      throw new IllegalArgumentException("windows: " + windows.size() + " (expected: 0..32)");
    }
    if (target.equals(previous)) {
      throw new IllegalArgumentException(
          "version: " + brief(target) + " is current already (expected: another version)");
    }
  }

  /** The same from another version. */
  RolloutPlan from(String newPrevious) {
    return new RolloutPlan(family, target, newPrevious, selector, groups, gates, pace, windows);
  }

  static String brief(String manifest) {
    return manifest.substring(0, Math.min(12, manifest.length()));
  }
}
