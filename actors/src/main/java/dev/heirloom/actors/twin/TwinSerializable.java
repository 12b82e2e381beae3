package dev.heirloom.actors.twin;

import java.util.Map;

/**
 * What a twin persists: records of JDK types, numbers and strings, nothing nullable, nothing
 * optional. Digests are lower-case hexadecimal and empty where there is none.
 */
public sealed interface TwinSerializable permits TwinEvent, TwinState {

  /** The stable name of every persisted type; a name once released keeps its meaning. */
  Map<String, Class<? extends TwinSerializable>> NAMES =
      Map.ofEntries(
          Map.entry("enrolled", TwinEvent.Enrolled.class),
          Map.entry("profile-changed", TwinEvent.ProfileChanged.class),
          Map.entry("budget-set", TwinEvent.BudgetSet.class),
          Map.entry("limits-set", TwinEvent.LimitsSet.class),
          Map.entry("rules-matched", TwinEvent.RulesMatched.class),
          Map.entry("budget-released", TwinEvent.BudgetReleased.class),
          Map.entry("pinned", TwinEvent.Pinned.class),
          Map.entry("unpinned", TwinEvent.Unpinned.class),
          Map.entry("quarantine-lifted", TwinEvent.QuarantineLifted.class),
          Map.entry("quarantined", TwinEvent.Quarantined.class),
          Map.entry("labels-set", TwinEvent.LabelsSet.class),
          Map.entry("removed", TwinEvent.Removed.class),
          Map.entry("assigned", TwinEvent.Assigned.class),
          Map.entry("promoted", TwinEvent.Promoted.class),
          Map.entry("demoted", TwinEvent.Demoted.class),
          Map.entry("budget-unmet", TwinEvent.BudgetUnmet.class),
          Map.entry("rolled-back", TwinEvent.RolledBack.class),
          Map.entry("flagged", TwinEvent.Flagged.class),
          Map.entry("flag-lifted", TwinEvent.FlagLifted.class),
          Map.entry("enlisted", TwinEvent.Enlisted.class),
          Map.entry("discharged", TwinEvent.Discharged.class),
          Map.entry("outcome-recorded", TwinEvent.OutcomeRecorded.class),
          Map.entry("unknown-device", TwinState.Unknown.class),
          Map.entry("known-device", TwinState.Known.class));
}
