package dev.heirloom.actors.rollout;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a rollout knows from its journal. */
public sealed interface RolloutState extends RolloutSerializable {

  /** It was never created. */
  record Unknown() implements RolloutState {}

  /**
   * It was created.
   *
   * @param atMs when the newest event happened, in ms since 1970
   * @param createdMs when it was created, or begun anew, in ms since 1970
   * @param phase how far it is
   * @param paused whether an operator holds it
   * @param byOperator whether an operator gave it up
   * @param group the group whose turn it is, or was, from 1
   * @param stage how far that is
   * @param stageMs since when, in ms since 1970
   * @param members its devices, in order
   * @param attempts how attempts ended, by device
   * @param evidence what devices measured, by device
   * @param back devices that had come back to the current version when it ended
   * @param log decisions about it, oldest first; the last {@link #MOST_LOG}
   */
  record Known(
      long atMs,
      long createdMs,
      String name,
      RolloutPlan plan,
      Phase phase,
      boolean paused,
      boolean byOperator,
      int group,
      Stage stage,
      long stageMs,
      List<Member> members,
      Map<String, AttemptEnd> attempts,
      Map<String, DeviceEvidence> evidence,
      int back,
      List<LogEntry> log)
      implements RolloutState {

    /** Decisions that are remembered. */
    public static final int MOST_LOG = 100;

    public Known {
      members = List.copyOf(members);
      attempts = Collections.unmodifiableMap(new TreeMap<>(attempts));
      evidence = Collections.unmodifiableMap(new TreeMap<>(evidence));
      log = List.copyOf(log);
    }

    /** Number of the last group. */
    public int groups() {
      return Math.max(group, members.stream().mapToInt(Member::group).max().orElse(1));
    }

    /** Whether a device was told to take the target. */
    public boolean told(Member member) {
      boolean begun = stage != Stage.BASELINE;
      return member.group() < group || (member.group() == group && begun);
    }

    /** The devices that were told to take the target. */
    public List<Member> told() {
      return members.stream().filter(this::told).toList();
    }

    /** Those of some devices that were told to take the target. */
    List<Member> told(List<Member> some) {
      return some.stream().filter(this::told).toList();
    }

    /** The devices that were told to take the target, and did not refuse. */
    public List<Member> touched() {
      return members.stream()
          .filter(this::told)
          .filter(
              member ->
                  attempt(member)
                      .filter(end -> end.result() == AttemptEnd.Result.REFUSED)
                      .isEmpty())
          .toList();
    }

    /** The devices of a group. */
    public List<Member> inGroup(int number) {
      return members.stream().filter(member -> member.group() == number).toList();
    }

    Optional<AttemptEnd> attempt(Member member) {
      return Optional.ofNullable(attempts.get(member.name()));
    }

    /** Since when an attempt runs, in ms since 1970. */
    long toldMs(Member member) {
      return Math.max(member.joinedAtMs(), stage == Stage.INSTALLING ? stageMs : 0);
    }

    DeviceEvidence evidenceOf(String device) {
      DeviceEvidence known = evidence.get(device);
      return known == null ? DeviceEvidence.none(device) : known;
    }

    static Known of(RolloutEvent.Created event) {
      return new Known(
          event.atMs(),
          event.atMs(),
          event.name(),
          event.plan(),
          Phase.RUNNING,
          false,
          false,
          1,
          Stage.BASELINE,
          event.atMs(),
          event.members(),
          Map.of(),
          Map.of(),
          0,
          List.of(
              new LogEntry(
                  event.atMs(),
                  "created for %d devices, from %s to %s"
                      .formatted(
                          event.members().size(),
                          RolloutPlan.brief(event.plan().previous()),
                          RolloutPlan.brief(event.plan().target())))));
    }

    Known on(RolloutEvent.Joined event) {
      List<Member> all = new ArrayList<>(members);
      all.addAll(event.members());
      return with(event.atMs(), all, attempts, evidence);
    }

    Known on(RolloutEvent.EvidenceRecorded event) {
      Map<String, DeviceEvidence> next = new TreeMap<>(evidence);
      event.evidence().forEach(device -> next.put(device.device(), device));
      return with(event.atMs(), members, attempts, next);
    }

    Known on(RolloutEvent.AttemptsEnded event) {
      Map<String, AttemptEnd> next = new TreeMap<>(attempts);
      event.ends().forEach(end -> next.put(end.device(), end));
      return with(event.atMs(), members, next, evidence);
    }

    Known on(RolloutEvent.InstallationBegun event) {
      return moved(event.atMs(), phase, event.group(), Stage.INSTALLING, event.reason());
    }

    Known on(RolloutEvent.SoakBegun event) {
      return moved(event.atMs(), phase, event.group(), Stage.SOAKING, event.reason());
    }

    Known on(RolloutEvent.GroupPassed event) {
      return moved(event.atMs(), phase, event.group() + 1, Stage.BASELINE, event.reason());
    }

    Known on(RolloutEvent.PromotionBegun event) {
      return moved(event.atMs(), Phase.PROMOTING, group, stage, event.reason());
    }

    Known on(RolloutEvent.Completed event) {
      return moved(event.atMs(), Phase.COMPLETED, group, stage, event.reason());
    }

    Known on(RolloutEvent.Paused event) {
      return held(event.atMs(), true, event.reason());
    }

    Known on(RolloutEvent.Resumed event) {
      return held(event.atMs(), false, event.reason());
    }

    Known on(RolloutEvent.Turned event) {
      Known next = moved(event.atMs(), Phase.RETURNING, group, stage, event.reason());
      return next.with(event.byOperator(), 0);
    }

    Known on(RolloutEvent.Ended event) {
      Phase end = byOperator ? Phase.ABORTED : Phase.HALTED;
      Known next = moved(event.atMs(), end, group, stage, event.reason());
      return next.with(byOperator, event.back());
    }

    Known on(RolloutEvent.Retried event) {
      Known begun =
          new Known(
              event.atMs(),
              event.atMs(),
              name,
              plan.from(event.previous()),
              Phase.RUNNING,
              false,
              false,
              1,
              Stage.BASELINE,
              event.atMs(),
              members,
              Map.of(),
              Map.of(),
              0,
              log);
      return begun.moved(event.atMs(), Phase.RUNNING, 1, Stage.BASELINE, event.reason());
    }

    private Known with(
        long at,
        List<Member> newMembers,
        Map<String, AttemptEnd> newAttempts,
        Map<String, DeviceEvidence> newEvidence) {
      return new Known(
          at,
          createdMs,
          name,
          plan,
          phase,
          paused,
          byOperator,
          group,
          stage,
          stageMs,
          newMembers,
          newAttempts,
          newEvidence,
          back,
          log);
    }

    private Known moved(long at, Phase newPhase, int newGroup, Stage newStage, String reason) {
      boolean same = newPhase == phase && newGroup == group && newStage == stage;
      return new Known(
          at,
          createdMs,
          name,
          plan,
          newPhase,
          paused && newPhase == Phase.RUNNING,
          byOperator,
          newGroup,
          newStage,
          same && createdMs != at ? stageMs : at,
          members,
          attempts,
          evidence,
          back,
          logged(at, reason));
    }

    private Known held(long at, boolean newPaused, String reason) {
      return new Known(
          at,
          createdMs,
          name,
          plan,
          phase,
          newPaused,
          byOperator,
          group,
          stage,
          stageMs,
          members,
          attempts,
          evidence,
          back,
          logged(at, reason));
    }

    private Known with(boolean newByOperator, int newBack) {
      return new Known(
          atMs,
          createdMs,
          name,
          plan,
          phase,
          paused,
          newByOperator,
          group,
          stage,
          stageMs,
          members,
          attempts,
          evidence,
          newBack,
          log);
    }

    private List<LogEntry> logged(long at, String reason) {
      List<LogEntry> next = new ArrayList<>(log);
      next.add(new LogEntry(at, reason));
      return next.subList(Math.max(0, next.size() - MOST_LOG), next.size());
    }

    /** What some devices measured. */
    Collection<DeviceEvidence> evidenceOf(List<Member> some) {
      return some.stream().map(member -> evidenceOf(member.name())).toList();
    }
  }
}
