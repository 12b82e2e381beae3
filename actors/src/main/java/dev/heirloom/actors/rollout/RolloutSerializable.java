package dev.heirloom.actors.rollout;

import java.util.Map;

/** What a rollout persists: records of JDK types, numbers and strings, nothing nullable. */
public sealed interface RolloutSerializable permits RolloutEvent, RolloutState {

  /** The stable name of every persisted type; a name once released keeps its meaning. */
  Map<String, Class<? extends RolloutSerializable>> NAMES =
      Map.ofEntries(
          Map.entry("created", RolloutEvent.Created.class),
          Map.entry("joined", RolloutEvent.Joined.class),
          Map.entry("evidence-recorded", RolloutEvent.EvidenceRecorded.class),
          Map.entry("installation-begun", RolloutEvent.InstallationBegun.class),
          Map.entry("attempts-ended", RolloutEvent.AttemptsEnded.class),
          Map.entry("soak-begun", RolloutEvent.SoakBegun.class),
          Map.entry("group-passed", RolloutEvent.GroupPassed.class),
          Map.entry("promotion-begun", RolloutEvent.PromotionBegun.class),
          Map.entry("completed", RolloutEvent.Completed.class),
          Map.entry("paused", RolloutEvent.Paused.class),
          Map.entry("resumed", RolloutEvent.Resumed.class),
          Map.entry("turned", RolloutEvent.Turned.class),
          Map.entry("ended", RolloutEvent.Ended.class),
          Map.entry("retried", RolloutEvent.Retried.class),
          Map.entry("unknown-rollout", RolloutState.Unknown.class),
          Map.entry("known-rollout", RolloutState.Known.class));
}
