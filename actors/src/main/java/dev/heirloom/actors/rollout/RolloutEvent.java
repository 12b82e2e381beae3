package dev.heirloom.actors.rollout;

import java.util.List;

/**
 * What happened to a rollout, as its journal keeps it for ever: the audit log. {@code atMs} is the
 * control plane's clock in ms since 1970; {@code reason} is a sentence with its numbers.
 */
public sealed interface RolloutEvent extends RolloutSerializable {

  /** When it happened, in ms since 1970. */
  long atMs();

  /** An operator asked for it; its devices are those that were known. */
  record Created(long atMs, String name, RolloutPlan plan, List<Member> members)
      implements RolloutEvent {
    public Created {
      members = List.copyOf(members);
    }
  }

  /** Devices joined late. */
  record Joined(long atMs, List<Member> members) implements RolloutEvent {
    public Joined {
      members = List.copyOf(members);
    }
  }

  /** What devices measured since the last of these; each replaces what was known of the device. */
  record EvidenceRecorded(long atMs, List<DeviceEvidence> evidence) implements RolloutEvent {
    public EvidenceRecorded {
      evidence = List.copyOf(evidence);
    }
  }

  /** The devices of the group are told to take the target. */
  record InstallationBegun(long atMs, int group, String reason) implements RolloutEvent {}

  /** Attempts ended. */
  record AttemptsEnded(long atMs, List<AttemptEnd> ends) implements RolloutEvent {
    public AttemptsEnded {
      ends = List.copyOf(ends);
    }
  }

  /** Every attempt of the group has ended; the devices serve the target and are watched. */
  record SoakBegun(long atMs, int group, String reason) implements RolloutEvent {}

  /** The group has passed its gates; the next one begins. */
  record GroupPassed(long atMs, int group, String reason) implements RolloutEvent {}

  /** The last group has passed: the target becomes the current version. */
  record PromotionBegun(long atMs, String reason) implements RolloutEvent {}

  /** The target is the current version, and every device is free again. */
  record Completed(long atMs, String reason) implements RolloutEvent {}

  /** An operator holds it: no group begins or passes; it may still be halted. */
  record Paused(long atMs, String reason) implements RolloutEvent {}

  /** An operator lets it go on. */
  record Resumed(long atMs, String reason) implements RolloutEvent {}

  /** It was given up: everybody who was touched goes back. */
  record Turned(long atMs, boolean byOperator, String reason) implements RolloutEvent {}

  /** The way back is over; so many devices are on the current version again. */
  record Ended(long atMs, int back, String reason) implements RolloutEvent {}

  /** An operator begins it anew with the same devices; what was measured is forgotten. */
  record Retried(long atMs, String previous, String reason) implements RolloutEvent {}
}
