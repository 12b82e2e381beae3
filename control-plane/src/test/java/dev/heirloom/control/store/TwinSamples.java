package dev.heirloom.control.store;

import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.RungMemory;
import dev.heirloom.actors.adaptation.Speed;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.twin.Assignment;
import dev.heirloom.actors.twin.Budgets;
import dev.heirloom.actors.twin.DecisionEntry;
import dev.heirloom.actors.twin.DecisionLog;
import dev.heirloom.actors.twin.Enlistment;
import dev.heirloom.actors.twin.FlagEntry;
import dev.heirloom.actors.twin.InstallFailures;
import dev.heirloom.actors.twin.Instructions;
import dev.heirloom.actors.twin.OutcomeEntry;
import dev.heirloom.actors.twin.Serving;
import dev.heirloom.actors.twin.TwinEvent;
import dev.heirloom.actors.twin.TwinSerializable;
import dev.heirloom.actors.twin.TwinState;
import java.util.List;
import java.util.Map;

/** One value of everything that twins persist. */
final class TwinSamples {
  private static final long AT_MS = 1_760_000_000_123L;
  private static final String MANIFEST = "0123456789abcdef".repeat(4);
  private static final DeviceProfile PROFILE =
      new DeviceProfile(
          "pi-4", 4, 4L << 30, List.of("CPUExecutionProvider"), Map.of("site", "süd"), "0.1.0", 2);
  private static final Budget BUDGET = new Budget(5_000_000, 64 << 20, 0, 0.875);
  private static final Limits LIMITS = new Limits(5_000_000, Limits.ABSENT, 0, 0.875);
  private static final BudgetRule RULE =
      new BudgetRule(
          "south",
          Map.of("site", "süd"),
          new Limits(Limits.ABSENT, 64 << 20, Limits.ABSENT, Limits.ABSENT));
  private static final PolicyState POLICY =
      new PolicyState(
          2,
          new Speed(0.25, 0.0625, 0.03125, -0.5, 7),
          1,
          0,
          false,
          List.of(new RungMemory(2, -0.125, 5, 4_000_000, 1, 3)));
  private static final OutcomeEntry OUTCOME =
      new OutcomeEntry(
          3, "fashion", MANIFEST, 2, false, "golden-outputs", "off by 0.1", 4096, 4000, 12, 34);

  private TwinSamples() {}

  /** In the order of the golden file. */
  static List<TwinSerializable> all() {
    return List.of(
        new TwinEvent.Enrolled(AT_MS, PROFILE),
        new TwinEvent.ProfileChanged(AT_MS, PROFILE, "fashion"),
        new TwinEvent.BudgetSet(AT_MS, BUDGET, true),
        new TwinEvent.LimitsSet(AT_MS, LIMITS),
        new TwinEvent.RulesMatched(AT_MS, List.of(RULE)),
        new TwinEvent.BudgetReleased(AT_MS),
        new TwinEvent.Pinned(AT_MS, 3),
        new TwinEvent.Unpinned(AT_MS),
        new TwinEvent.QuarantineLifted(AT_MS),
        new TwinEvent.Quarantined(AT_MS, "being repaired"),
        new TwinEvent.LabelsSet(AT_MS, Map.of("ring", "canary")),
        new TwinEvent.Removed(AT_MS, "sold"),
        new TwinEvent.Assigned(1, AT_MS, "fashion", MANIFEST, 4321, 1, "first", POLICY),
        new TwinEvent.Promoted(2, AT_MS, 1, 2, "room", POLICY),
        new TwinEvent.Demoted(3, AT_MS, 2, 1, "over", POLICY),
        new TwinEvent.BudgetUnmet(4, AT_MS, 1, "nothing fits", POLICY),
        new TwinEvent.RolledBack(5, AT_MS, "fashion", MANIFEST, 4321, 1, "failed", POLICY),
        new TwinEvent.Flagged(AT_MS, "drifted", "less sure"),
        new TwinEvent.FlagLifted(AT_MS, "sure again"),
        new TwinEvent.OutcomeRecorded(AT_MS, OUTCOME),
        new TwinEvent.Enlisted(AT_MS, "spring", "fashion", MANIFEST, "group 1"),
        new TwinEvent.Discharged(AT_MS, "spring", true, "halted"),
        new TwinState.Unknown(),
        known(
            new Budgets(Budget.NONE, List.of(LIMITS), List.of(RULE)),
            List.of(new FlagEntry(AT_MS, "under-floor", "few are right")),
            POLICY,
            new Instructions(Map.of("ring", "canary"), "being repaired"),
            List.of(new Enlistment("spring", "fashion", MANIFEST, "group 1"))));
  }

  /**
   * What the first form means: it had no rules, flags, micro-probes, instructions and rollouts, an
   * operator set all four limits at once, and a device's speed had no variance.
   */
  static TwinState.Known knownAtFirst() {
    double noise = Speed.UNKNOWN.noise();
    return known(
        new Budgets(Budget.NONE, List.of(Limits.of(BUDGET)), List.of()),
        List.of(),
        new PolicyState(
            2,
            new Speed(0.25, noise, noise, 0, 7),
            1,
            0,
            false,
            List.of(new RungMemory(2, -0.125, 5, 4_000_000, 1, 1))),
        new Instructions(Map.of(), ""),
        List.of());
  }

  private static TwinState.Known known(
      Budgets budgets,
      List<FlagEntry> flags,
      PolicyState policy,
      Instructions instructions,
      List<Enlistment> places) {
    return new TwinState.Known(
        AT_MS,
        PROFILE,
        "",
        budgets,
        0,
        new Assignment(3, "fashion", MANIFEST, 4321, 2, "room"),
        new Serving(MANIFEST, 1),
        new InstallFailures(List.of(new InstallFailures.Entry(MANIFEST, 2, 1))),
        new DecisionLog(
            3, List.of(new DecisionEntry(3, AT_MS, "fashion", 1, 2, "room", List.of(OUTCOME)))),
        policy,
        flags,
        instructions,
        places);
  }
}
