package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.runtime.family.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A device as a rollout sees it now.
 *
 * @param online whether a stream of it is open
 * @param family that it follows; empty before its first assignment
 * @param deviceClass as it says
 * @param desired version that it shall serve, in hexadecimal; empty before its first assignment
 * @param settled whether it serves the very rung that it shall serve
 * @param serves version that it serves, in hexadecimal; empty where it serves none
 * @param quarantine why nothing is tried on it; empty where it is
 * @param outcomes what became of decisions, oldest first; of the newest few
 */
record Sight(
    boolean online,
    String family,
    String deviceClass,
    String desired,
    boolean settled,
    String serves,
    Optional<String> quarantine,
    List<Timed> outcomes) {

  private static final int NEWEST = 10;

  /** An outcome and when its decision was made. */
  record Timed(Instant at, Outcome outcome) {}

  static Sight of(DeviceStatus status) {
    return new Sight(
        status.online(),
        status.family().orElse(""),
        status.profile().deviceClass(),
        status.manifest().map(Digest::hex).orElse(""),
        status.desiredRung() > 0
            && status.desiredRung() == status.reportedRung()
            && status.manifest().equals(status.reportedManifest()),
        status.reportedManifest().map(Digest::hex).orElse(""),
        status.quarantine(),
        status.decisions().stream()
            .skip(Math.max(0, status.decisions().size() - NEWEST))
            .flatMap(decision -> outcome(decision).stream())
            .toList());
  }

  private static Optional<Timed> outcome(Decision decision) {
    return decision.outcome().map(outcome -> new Timed(decision.at(), outcome));
  }

  boolean installed(String target) {
    return settled && serves.equals(target);
  }

  /** Installations of a version that failed, of decisions since a time; newest last. */
  List<Outcome> failures(String target, long sinceMs) {
    return outcomes.stream()
        .filter(timed -> timed.at().toEpochMilli() >= sinceMs)
        .map(Timed::outcome)
        .filter(outcome -> !outcome.installed() && outcome.manifest().hex().equals(target))
        .toList();
  }
}
