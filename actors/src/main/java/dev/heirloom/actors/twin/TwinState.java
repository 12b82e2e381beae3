package dev.heirloom.actors.twin;

import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.fleet.DeviceProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a twin knows from its journal. */
public sealed interface TwinState extends TwinSerializable {

  /** The device was never enrolled, or was removed. */
  record Unknown() implements TwinState {}

  /**
   * The device is enrolled.
   *
   * @param atMs when the newest event happened, in ms since 1970
   * @param profile what it says it is
   * @param wantedFamily family that it asks for; empty for any
   * @param budgets who asks for what of it
   * @param pinnedRung rung that an operator holds it on; 0 where none
   * @param desired what it shall serve
   * @param served what it last said that it installed
   * @param failures rungs that it could not install
   * @param log decisions about it
   * @param policy the policy's state at the newest decision
   * @param flags why an operator shall look at it; one at most, empty where nobody need
   * @param instructions what operators said of it, beside its budget and its pin
   * @param enlistments its place in a rollout, or the version that one took back; one at most
   */
  record Known(
      long atMs,
      DeviceProfile profile,
      String wantedFamily,
      Budgets budgets,
      int pinnedRung,
      Assignment desired,
      Serving served,
      InstallFailures failures,
      DecisionLog log,
      PolicyState policy,
      List<FlagEntry> flags,
      Instructions instructions,
      List<Enlistment> enlistments)
      implements TwinState {

    public Known {
      flags = List.copyOf(flags);
      enlistments = List.copyOf(enlistments);
    }

    static Known of(TwinEvent.Enrolled event) {
      return new Known(
          event.atMs(),
          event.profile(),
          "",
          Budgets.NONE,
          0,
          Assignment.NONE,
          Serving.NOTHING,
          InstallFailures.NONE,
          DecisionLog.EMPTY,
          PolicyState.BLANK,
          List.of(),
          Instructions.NONE,
          List.of());
    }

    /** Name of the family whose versions the device takes; empty where any will do. */
    String followedFamily() {
      return wantedFamily.isEmpty() ? desired.family() : wantedFamily;
    }

    /** Why nothing of a family is tried any more on the device. */
    Optional<Quarantine> quarantine(String family) {
      return instructions.quarantined()
          ? Optional.of(Quarantine.byOperator(family, instructions.quarantine()))
          : Quarantine.of(family, log, failures);
    }

    /** The same for the family that it follows; where it follows none, of the newest decision. */
    Optional<Quarantine> quarantine() {
      if (!followedFamily().isEmpty() || instructions.quarantined()) {
        return quarantine(followedFamily());
      }
      return log.entries().isEmpty()
          ? Optional.empty()
          : quarantine(log.entries().get(log.entries().size() - 1).family());
    }

    /** Why an operator shall look at the device; empty where nobody need. */
    Optional<FlagEntry> flag() {
      return flags.stream().findFirst();
    }

    /** Its place in a rollout; empty where it is in none. */
    Optional<Enlistment> enlistment() {
      return enlistments.stream().filter(place -> !place.rollout().isEmpty()).findFirst();
    }

    /** Whether it has a version that a rollout took back: anything else of the family is better. */
    boolean leaves() {
      return enlistments.stream()
          .anyMatch(
              place -> place.rollout().isEmpty() && place.manifest().equals(desired.manifest()));
    }

    Known on(TwinEvent.Enlisted event) {
      return enlisted(
          event.atMs(),
          List.of(
              new Enlistment(event.rollout(), event.family(), event.manifest(), event.reason())),
          failures.without(event.manifest()));
    }

    Known on(TwinEvent.Discharged event) {
      Optional<Enlistment> place = enlistment().filter(held -> event.back());
      return enlisted(
          event.atMs(),
          place.stream()
              .map(held -> new Enlistment("", held.family(), held.manifest(), held.reason()))
              .toList(),
          place.map(held -> failures.without(held.manifest())).orElse(failures));
    }

    private Known enlisted(long at, List<Enlistment> newEnlistments, InstallFailures newFailures) {
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          desired,
          served,
          newFailures,
          log,
          policy,
          flags,
          instructions,
          newEnlistments);
    }

    Known on(TwinEvent.QuarantineLifted event) {
      return withService(event.atMs(), desired, served, InstallFailures.NONE, policy)
          .withInstructions(event.atMs(), instructions.quarantinedFor(""));
    }

    Known on(TwinEvent.Quarantined event) {
      return withInstructions(event.atMs(), instructions.quarantinedFor(event.reason()));
    }

    Known on(TwinEvent.LabelsSet event) {
      return withInstructions(event.atMs(), instructions.with(event.labels()));
    }

    TwinState on(TwinEvent.Removed event) {
      return new Unknown();
    }

    /** The labels that selectors and rules go by, where it says a profile of itself. */
    Map<String, String> labels(DeviceProfile said) {
      return instructions.over(said.labels());
    }

    Known on(TwinEvent.ProfileChanged event) {
      return new Known(
          event.atMs(),
          event.profile(),
          event.wantedFamily(),
          budgets,
          pinnedRung,
          desired,
          served,
          failures,
          log,
          policy,
          flags,
          instructions,
          enlistments);
    }

    Known on(TwinEvent.BudgetSet event) {
      return withBudgets(event.atMs(), budgets.with(event));
    }

    Known on(TwinEvent.LimitsSet event) {
      return withBudgets(event.atMs(), budgets.with(event.limits()));
    }

    Known on(TwinEvent.RulesMatched event) {
      return withBudgets(event.atMs(), budgets.with(event.rules()));
    }

    Known on(TwinEvent.BudgetReleased event) {
      return withBudgets(event.atMs(), budgets.released());
    }

    Known on(TwinEvent.Pinned event) {
      return withPin(event.atMs(), event.rung());
    }

    Known on(TwinEvent.Unpinned event) {
      return withPin(event.atMs(), 0);
    }

    Known on(TwinEvent.Assigned event) {
      Assignment next =
          new Assignment(
              event.decision(),
              event.family(),
              event.manifest(),
              event.manifestBytes(),
              event.rung(),
              event.reason());
      return decided(event.atMs(), 0, next, event.policy()).withFlags(event.atMs(), List.of());
    }

    Known on(TwinEvent.Promoted event) {
      Assignment next = desired.movedTo(event.decision(), event.toRung(), event.reason());
      return decided(event.atMs(), event.fromRung(), next, event.policy());
    }

    Known on(TwinEvent.Demoted event) {
      Assignment next = desired.movedTo(event.decision(), event.toRung(), event.reason());
      return decided(event.atMs(), event.fromRung(), next, event.policy());
    }

    Known on(TwinEvent.BudgetUnmet event) {
      Assignment told = desired.movedTo(event.decision(), event.rung(), event.reason());
      Known next = decided(event.atMs(), event.rung(), told, event.policy());
      return next.withService(event.atMs(), desired, served, failures, event.policy());
    }

    Known on(TwinEvent.RolledBack event) {
      Assignment back =
          event.rung() == 0
              ? Assignment.NONE
              : new Assignment(
                  event.decision(),
                  event.family(),
                  event.manifest(),
                  event.manifestBytes(),
                  event.rung(),
                  event.reason());
      return withService(
          event.atMs(), back, served, failures.with(desired.serving()), event.policy());
    }

    Known on(TwinEvent.Flagged event) {
      return withFlags(
          event.atMs(), List.of(new FlagEntry(event.atMs(), event.kind(), event.reason())));
    }

    Known on(TwinEvent.FlagLifted event) {
      return withFlags(event.atMs(), List.of());
    }

    Known on(TwinEvent.OutcomeRecorded event) {
      OutcomeEntry outcome = event.outcome();
      Serving serving =
          outcome.installed() ? new Serving(outcome.manifest(), outcome.rung()) : served;
      return new Known(
          event.atMs(),
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          desired,
          serving,
          failures,
          log.answered(outcome),
          policy,
          flags,
          instructions,
          enlistments);
    }

    private Known decided(long at, int fromRung, Assignment next, PolicyState newPolicy) {
      DecisionEntry entry =
          new DecisionEntry(
              next.decision(), at, next.family(), fromRung, next.rung(), next.reason(), List.of());
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          next,
          served,
          failures,
          log.with(entry),
          newPolicy,
          flags,
          instructions,
          enlistments);
    }

    private Known withFlags(long at, List<FlagEntry> newFlags) {
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          desired,
          served,
          failures,
          log,
          policy,
          newFlags,
          instructions,
          enlistments);
    }

    private Known withInstructions(long at, Instructions newInstructions) {
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          desired,
          served,
          failures,
          log,
          policy,
          flags,
          newInstructions,
          enlistments);
    }

    private Known withBudgets(long at, Budgets newBudgets) {
      return new Known(
          at,
          profile,
          wantedFamily,
          newBudgets,
          pinnedRung,
          desired,
          served,
          failures,
          log,
          policy,
          flags,
          instructions,
          enlistments);
    }

    private Known withPin(long at, int rung) {
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          rung,
          desired,
          served,
          InstallFailures.NONE,
          log,
          policy,
          flags,
          instructions,
          enlistments);
    }

    private Known withService(
        long at,
        Assignment newDesired,
        Serving newServed,
        InstallFailures newFailures,
        PolicyState newPolicy) {
      return new Known(
          at,
          profile,
          wantedFamily,
          budgets,
          pinnedRung,
          newDesired,
          newServed,
          newFailures,
          log,
          newPolicy,
          flags,
          instructions,
          enlistments);
    }
  }
}
