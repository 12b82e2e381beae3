package dev.heirloom.actors.rollout;

import dev.heirloom.runtime.family.Ladder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a rollout sees when it looks around.
 *
 * @param now by the control plane's clock
 * @param since when this incarnation of the rollout began to look
 * @param devices of its family that match its selector, and its members, by name
 * @param gone members that were removed
 * @param refusals why twins would not take part, by device
 * @param released devices whose twins follow the current version again
 * @param current the family's current version, in hexadecimal; empty where there is none
 * @param ladder of the target; empty where that is not published any more
 */
record Observations(
    Instant now,
    Instant since,
    Map<String, Sight> devices,
    Set<String> gone,
    Map<String, String> refusals,
    Set<String> released,
    String current,
    Optional<Ladder> ladder) {

  /** Time that devices have to come back after a restart of the control plane. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  Optional<Sight> sight(Member member) {
    return Optional.ofNullable(devices.get(member.name()));
  }

  boolean online(Member member) {
    return sight(member).filter(Sight::online).isPresent();
  }

  boolean gone(Member member) {
    return gone.contains(member.name());
  }

  long nowMs() {
    return now.toEpochMilli();
  }

  long waitedMs(long sinceMs) {
    return nowMs() - sinceMs;
  }

  /** Whether the devices have had time to come back after a restart of the control plane. */
  boolean settled() {
    return !now.isBefore(since.plus(GRACE));
  }

  /** Whether a time is over, and not only because the control plane was not there. */
  boolean over(long sinceMs, long mostMs) {
    long lookedMs = Duration.between(since, now).toMillis();
    return waitedMs(sinceMs) >= mostMs && lookedMs >= Math.min(mostMs, GRACE.toMillis());
  }
}
