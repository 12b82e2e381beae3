package dev.heirloom.actors.rollout;

import dev.heirloom.runtime.family.Ladder;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a rollout sees when it looks around.
 *
 * @param devices those that match its selector, by name
 * @param refusals why twins would not take part, by device
 * @param released devices whose twins follow the current version again
 * @param current the family's current version, in hexadecimal; empty where there is none
 * @param ladder of the target; empty where that is not published any more
 */
record Observations(
    Map<String, Sight> devices,
    Map<String, String> refusals,
    Set<String> released,
    String current,
    Optional<Ladder> ladder) {

  Optional<Sight> sight(Member member) {
    return Optional.ofNullable(devices.get(member.name()));
  }

  boolean online(Member member) {
    return sight(member).filter(Sight::online).isPresent();
  }
}
