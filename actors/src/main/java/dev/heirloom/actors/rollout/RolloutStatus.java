package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.ArrayList;
import java.util.List;

/**
 * A rollout as operators see it.
 *
 * @param name of the rollout
 * @param plan what was asked for
 * @param phase how far it is
 * @param paused whether an operator holds it
 * @param createdMs when it was created, or begun anew, in ms since 1970
 * @param changedMs when the newest event happened, in ms since 1970
 * @param group whose turn it is, or was, from 1
 * @param stage how far that is
 * @param groups all of them, in order
 * @param touched devices that were told to take the target and did not refuse
 * @param back those of them that do not serve it any more
 * @param findings the gates of the group whose turn it is, or was; none before it installs
 * @param attempts that did not end well, at most {@link #MOST_ATTEMPTS}, by device
 * @param waits what it waits for; empty where it is over
 * @param log decisions, oldest first
 */
public record RolloutStatus(
    String name,
    RolloutPlan plan,
    Phase phase,
    boolean paused,
    long createdMs,
    long changedMs,
    int group,
    Stage stage,
    List<Group> groups,
    int touched,
    int back,
    List<GateFinding> findings,
    List<AttemptEnd> attempts,
    String waits,
    List<LogEntry> log) {

  static final int MOST_ATTEMPTS = 100;

  public RolloutStatus {
    groups = List.copyOf(groups);
    findings = List.copyOf(findings);
    attempts = List.copyOf(attempts);
    log = List.copyOf(log);
  }

  /**
   * One group in numbers of devices.
   *
   * @param number from 1
   * @param devices that belong to it
   * @param told that were told to take the target
   * @param installed that serve it, or did
   * @param failed that could not install it
   * @param overdue that were not there
   * @param refused whose twins refused
   * @param withdrawn that an operator removed or put into quarantine meanwhile
   */
  public record Group(
      int number,
      int devices,
      int told,
      int installed,
      int failed,
      int overdue,
      int refused,
      int withdrawn) {

    /** Devices whose attempts have not ended. */
    public int open() {
      return told - installed - failed - overdue - refused - withdrawn;
    }

    static Group of(Known known, int number) {
      List<Member> members = known.inGroup(number);
      return new Group(
          number,
          members.size(),
          (int) members.stream().filter(known::told).count(),
          count(known, members, Result.INSTALLED),
          count(known, members, Result.FAILED),
          count(known, members, Result.OVERDUE),
          count(known, members, Result.REFUSED),
          count(known, members, Result.WITHDRAWN));
    }

    private static int count(Known known, List<Member> members, Result result) {
      return (int)
          members.stream()
              .filter(m -> known.attempt(m).filter(end -> end.result() == result).isPresent())
              .count();
    }
  }

  /**
   * @param obstacle why it cannot do what it is about to; empty where it can
   */
  static RolloutStatus of(Known known, Observations seen, String obstacle) {
    List<Group> groups = new ArrayList<>();
    for (int number = 1; number <= known.groups(); number++) {
      groups.add(Group.of(known, number));
    }
    return new RolloutStatus(
        known.name(),
        known.plan(),
        known.phase(),
        known.paused(),
        known.createdMs(),
        known.atMs(),
        known.group(),
        known.stage(),
        groups,
        known.touched().size(),
        back(known, seen),
        RolloutPlanner.findings(known, seen),
        known.attempts().values().stream()
            .filter(end -> end.result() != Result.INSTALLED)
            .limit(MOST_ATTEMPTS)
            .toList(),
        obstacle.isEmpty() ? RolloutPlanner.next(known, seen).waits() : obstacle,
        known.log());
  }

  private static int back(Known known, Observations seen) {
    if (known.phase() != Phase.RETURNING) {
      return known.back();
    }
    return (int)
        known.touched().stream().filter(member -> Endings.back(known, seen, member)).count();
  }
}
