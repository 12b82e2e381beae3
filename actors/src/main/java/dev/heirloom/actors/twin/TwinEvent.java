package dev.heirloom.actors.twin;

import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Limits;
import java.util.List;
import java.util.Map;

/**
 * What happened to a device, as its journal keeps it for ever: the audit log. Decisions carry the
 * policy's state, so that what it learnt survives a restart.
 *
 * <p>{@code atMs} is the control plane's clock in ms since 1970; {@code decision} counts up per
 * device from 1; {@code manifest} is a digest in hexadecimal.
 */
public sealed interface TwinEvent extends TwinSerializable {

  /** When it happened, in ms since 1970. */
  long atMs();

  /** The device became known. */
  record Enrolled(long atMs, DeviceProfile profile) implements TwinEvent {}

  /** The device says something else of itself, or wants another family; empty wants any. */
  record ProfileChanged(long atMs, DeviceProfile profile, String wantedFamily)
      implements TwinEvent {}

  /**
   * The agent asked for a budget. In older journals also an operator, whose budget then sets all
   * four limits.
   */
  record BudgetSet(long atMs, Budget budget, boolean byOperator) implements TwinEvent {}

  /** An operator set limits for this device, above those of rules and of the agent. */
  record LimitsSet(long atMs, Limits limits) implements TwinEvent {}

  /** The rules that the device matches are others now; in the order in which they are heard. */
  record RulesMatched(long atMs, List<BudgetRule> rules) implements TwinEvent {
    public RulesMatched {
      rules = List.copyOf(rules);
    }
  }

  /** The operator gave the budget back to the rules and the agent. */
  record BudgetReleased(long atMs) implements TwinEvent {}

  /** An operator holds the device on a rung; earlier failures to install are forgotten. */
  record Pinned(long atMs, int rung) implements TwinEvent {}

  /** The policy chooses again; earlier failures to install are forgotten. */
  record Unpinned(long atMs) implements TwinEvent {}

  /** An operator lets the device try again; earlier failures to install are forgotten. */
  record QuarantineLifted(long atMs) implements TwinEvent {}

  /** An operator quarantined the device; {@code reason} is what the operator said. */
  record Quarantined(long atMs, String reason) implements TwinEvent {}

  /** Operators' labels are these now. */
  record LabelsSet(long atMs, Map<String, String> labels) implements TwinEvent {
    public LabelsSet {
      labels = Map.copyOf(labels);
    }
  }

  /** An operator removed the device: it is unknown from here on, and may enrol again as new. */
  record Removed(long atMs, String reason) implements TwinEvent {}

  /** The first rung of a family version was chosen. */
  record Assigned(
      long decision,
      long atMs,
      String family,
      String manifest,
      long manifestBytes,
      int rung,
      String reason,
      PolicyState policy)
      implements TwinEvent {}

  /** A larger rung of the same version was chosen. */
  record Promoted(
      long decision, long atMs, int fromRung, int toRung, String reason, PolicyState policy)
      implements TwinEvent {}

  /** A smaller rung of the same version was chosen. */
  record Demoted(
      long decision, long atMs, int fromRung, int toRung, String reason, PolicyState policy)
      implements TwinEvent {}

  /** No rung meets the budget; the rung stays. */
  record BudgetUnmet(long decision, long atMs, int rung, String reason, PolicyState policy)
      implements TwinEvent {}

  /**
   * A rung could not be installed; desired is again what the device serves, or nothing ({@code
   * manifest} empty, {@code rung} 0).
   */
  record RolledBack(
      long decision,
      long atMs,
      String family,
      String manifest,
      long manifestBytes,
      int rung,
      String reason,
      PolicyState policy)
      implements TwinEvent {}

  /** The device's accuracy fell and no rung helps; {@code kind} is the label of a kind of flag. */
  record Flagged(long atMs, String kind, String reason) implements TwinEvent {}

  /** What the device was flagged for is gone, or an operator knows of it. */
  record FlagLifted(long atMs, String reason) implements TwinEvent {}

  /**
   * A rollout has the device follow a version of its family; earlier failures to install that are
   * forgotten.
   */
  record Enlisted(long atMs, String rollout, String family, String manifest, String reason)
      implements TwinEvent {}

  /**
   * The device follows the current version again.
   *
   * @param back whether it shall leave the rollout's version; failures to install that are
   *     forgotten then, so that they do not bar the way
   */
  record Discharged(long atMs, String rollout, boolean back, String reason) implements TwinEvent {}

  /** The device answered a decision. */
  record OutcomeRecorded(long atMs, OutcomeEntry outcome) implements TwinEvent {}
}
