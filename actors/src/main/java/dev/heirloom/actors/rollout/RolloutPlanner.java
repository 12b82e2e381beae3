package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which events follow from what a rollout knows and sees. It persists and tells nothing, and says
 * the same whenever it is asked the same.
 */
final class RolloutPlanner {
  private RolloutPlanner() {}

  /** What is to be decided now; empty where nothing is. */
  static List<RolloutEvent> next(Known known, Observations seen, Instant now) {
    return switch (known.phase()) {
      case RUNNING -> running(known, seen, now);
      case RETURNING -> returning(known, seen, now);
      case PROMOTING -> promoting(known, seen, now);
      case COMPLETED, HALTED, ABORTED -> List.of();
    };
  }

  private static List<RolloutEvent> running(Known known, Observations seen, Instant now) {
    long atMs = now.toEpochMilli();
    Optional<String> useless = useless(known, seen);
    if (useless.isPresent()) {
      return List.of(new RolloutEvent.Turned(atMs, false, useless.get()));
    }
    List<Member> newcomers = newcomers(known, seen, now);
    if (!newcomers.isEmpty()) {
      return List.of(new RolloutEvent.Joined(atMs, newcomers));
    }
    List<AttemptEnd> ends = ends(known, seen, atMs);
    if (!ends.isEmpty()) {
      return List.of(new RolloutEvent.AttemptsEnded(atMs, ends));
    }
    return switch (known.stage()) {
      case BASELINE -> baseline(known, seen, now);
      case INSTALLING -> installing(known, seen, atMs);
      case SOAKING -> soaking(known, seen, atMs);
    };
  }

  /** Why there is nothing to be rolled out any more. */
  private static Optional<String> useless(Known known, Observations seen) {
    RolloutPlan plan = known.plan();
    if (seen.ladder().isEmpty()) {
      return Optional.of("the target is not published any more");
    }
    boolean expected =
        seen.current().equals(plan.previous()) || seen.current().equals(plan.target());
    return expected
        ? Optional.empty()
        : Optional.of(
            "another version, %s, became the current one of %s"
                .formatted(RolloutPlan.brief(seen.current()), plan.family()));
  }

  /** Devices that match and came later; they join the last group. */
  private static List<Member> newcomers(Known known, Observations seen, Instant now) {
    int last = known.groups();
    boolean begun = known.group() == last && known.stage() != Stage.BASELINE;
    boolean mayBegin =
        !known.paused() && MaintenanceWindow.open(known.plan().windows(), now);
    if (begun && !mayBegin) {
      return List.of();
    }
    Set<String> names =
        known.members().stream().map(Member::name).collect(Collectors.toUnmodifiableSet());
    return seen.devices().entrySet().stream()
        .filter(entry -> !names.contains(entry.getKey()))
        .filter(entry -> entry.getValue().family().equals(known.plan().family()))
        .map(
            entry ->
                new Member(
                    entry.getKey(), entry.getValue().deviceClass(), last, now.toEpochMilli()))
        .toList();
  }

  private static List<AttemptEnd> ends(Known known, Observations seen, long atMs) {
    return known.told().stream()
        .filter(member -> known.attempt(member).isEmpty())
        .flatMap(member -> end(known, seen, member, atMs).stream())
        .toList();
  }

  private static Optional<AttemptEnd> end(
      Known known, Observations seen, Member member, long atMs) {
    String name = member.name();
    String refusal = seen.refusals().get(name);
    if (refusal != null) {
      return Optional.of(new AttemptEnd(name, Result.REFUSED, refusal));
    }
    Optional<Sight> sight = seen.sight(member);
    String target = known.plan().target();
    if (sight.filter(s -> s.installed(target)).isPresent()) {
      return Optional.of(new AttemptEnd(name, Result.INSTALLED, "it serves the target"));
    }
    int most = known.plan().pace().attempts();
    var failures = sight.map(s -> s.failures(target, known.toldMs(member))).orElse(List.of());
    if (failures.size() >= most || sight.flatMap(Sight::quarantine).isPresent()) {
      String last =
          failures.isEmpty()
              ? sight.flatMap(Sight::quarantine).orElse("")
              : failures.get(failures.size() - 1).failedCheck();
      return Optional.of(
          new AttemptEnd(
              name,
              Result.FAILED,
              "%d installations failed, the last at %s".formatted(failures.size(), last)));
    }
    long waitedMs = atMs - known.toldMs(member);
    if (waitedMs < known.plan().pace().attemptMs()) {
      return Optional.empty();
    }
    boolean there = seen.online(member);
    return Optional.of(
        new AttemptEnd(
            name,
            there || !failures.isEmpty() ? Result.FAILED : Result.OVERDUE,
            (there ? "it did not install the target within " : "it was not there for ")
                + time(waitedMs)));
  }

  private static List<RolloutEvent> baseline(Known known, Observations seen, Instant now) {
    long atMs = now.toEpochMilli();
    if (known.paused()) {
      return List.of();
    }
    List<Member> group = known.inGroup(known.group());
    long waitedMs = atMs - known.stageMs();
    boolean half = waitedMs >= known.plan().pace().longestBaselineMs() / 2;
    List<Member> online = group.stream().filter(seen::online).toList();
    long measured =
        online.stream().filter(m -> known.evidenceOf(m.name()).windowsBefore() > 0).count();
    Gates gates = known.plan().gates();
    Optional<String> unknown =
        known.group() > 1
            ? Optional.empty()
            : seen.ladder()
                .flatMap(
                    ladder -> new GateJudge(gates, ladder).unknownBefore(known.evidenceOf(group)));
    boolean ready =
        unknown.isEmpty() && (!gates.compare() || half || measured == online.size());
    boolean there = known.group() > 1 || !online.isEmpty();
    String found =
        "group %d: %d of %d devices online, %d of them measured"
            .formatted(known.group(), online.size(), group.size(), measured);
    if (ready && there) {
      return MaintenanceWindow.open(known.plan().windows(), now)
          ? List.of(new RolloutEvent.InstallationBegun(atMs, known.group(), found))
          : List.of();
    }
    String after = found + " after " + time(waitedMs) + unknown.map(why -> "; " + why).orElse("");
    return waitedMs < known.plan().pace().longestBaselineMs()
        ? List.of()
        : List.of(new RolloutEvent.Turned(atMs, false, after));
  }

  private static List<RolloutEvent> installing(Known known, Observations seen, long atMs) {
    Optional<RolloutEvent> halt = halted(known, seen, atMs);
    if (halt.isPresent()) {
      return List.of(halt.get());
    }
    List<Member> group = known.inGroup(known.group());
    if (group.stream().anyMatch(member -> known.attempt(member).isEmpty())) {
      return List.of();
    }
    Map<Result, Long> results =
        group.stream()
            .collect(
                Collectors.groupingBy(
                    member -> known.attempt(member).orElseThrow().result(),
                    Collectors.counting()));
    String found =
        "group %d: %d installed, %d failed, %d were not there, %d refused"
            .formatted(
                known.group(),
                results.getOrDefault(Result.INSTALLED, 0L),
                results.getOrDefault(Result.FAILED, 0L),
                results.getOrDefault(Result.OVERDUE, 0L),
                results.getOrDefault(Result.REFUSED, 0L));
    boolean nobody = results.getOrDefault(Result.INSTALLED, 0L) == 0;
    if (nobody && known.group() == 1) {
      return List.of(
          new RolloutEvent.Turned(atMs, false, found + ": nobody of the canary took part"));
    }
    return List.of(
        nobody
            ? passed(known, atMs, found + ": nobody took part")
            : new RolloutEvent.SoakBegun(atMs, known.group(), found));
  }

  private static List<RolloutEvent> soaking(Known known, Observations seen, long atMs) {
    Optional<RolloutEvent> halt = halted(known, seen, atMs);
    if (halt.isPresent()) {
      return List.of(halt.get());
    }
    long soakedMs = atMs - known.stageMs();
    Pace pace = known.plan().pace();
    List<GateFinding> findings = findings(known, seen);
    Optional<GateFinding> doubt =
        findings.stream().filter(f -> f.verdict() == Verdict.IN_DOUBT).findFirst();
    if (doubt.isEmpty() && soakedMs >= pace.leastSoakMs() && !known.paused()) {
      return List.of(
          passed(
              known,
              atMs,
              "group %d passed after %s: ".formatted(known.group(), time(soakedMs))
                  + findings.stream().map(GateFinding::reason).collect(Collectors.joining("; "))));
    }
    return doubt.isPresent() && soakedMs >= pace.longestSoakMs()
        ? List.of(
            new RolloutEvent.Turned(
                atMs,
                false,
                "group %d is in doubt after %s: %s"
                    .formatted(known.group(), time(soakedMs), doubt.get().reason())))
        : List.of();
  }

  private static RolloutEvent passed(Known known, long atMs, String reason) {
    return known.group() < known.groups()
        ? new RolloutEvent.GroupPassed(atMs, known.group(), reason)
        : new RolloutEvent.PromotionBegun(atMs, reason);
  }

  private static Optional<RolloutEvent> halted(Known known, Observations seen, long atMs) {
    return findings(known, seen).stream()
        .filter(finding -> finding.verdict() == Verdict.FAILED)
        .findFirst()
        .map(
            finding ->
                new RolloutEvent.Turned(
                    atMs, false, "group %d: %s".formatted(known.group(), finding.reason())));
  }

  /**
   * The gates of the group whose turn it is. Where a later group by itself leaves one in doubt, it
   * is judged together with the groups before it; a failure of either is one.
   */
  static List<GateFinding> findings(Known known, Observations seen) {
    if (seen.ladder().isEmpty() || known.stage() == Stage.BASELINE) {
      return List.of();
    }
    List<Member> group = known.inGroup(known.group());
    GateJudge judge = new GateJudge(known.plan().gates(), seen.ladder().get());
    List<GateFinding> findings = new ArrayList<>();
    findings.add(success(known, judge, group));
    List<GateFinding> own = judge.compared(known.evidenceOf(group));
    List<GateFinding> all =
        known.group() == 1 ? own : judge.compared(known.evidenceOf(known.told()));
    for (int i = 0; i < own.size(); i++) {
      boolean other =
          all.get(i).verdict() == Verdict.FAILED || own.get(i).verdict() == Verdict.IN_DOUBT;
      findings.add(other ? all.get(i) : own.get(i));
    }
    return findings;
  }

  private static GateFinding success(Known known, GateJudge judge, List<Member> group) {
    Map<Member, Result> ends = new LinkedHashMap<>();
    int pending = 0;
    for (Member member : group) {
      Optional<AttemptEnd> end = known.attempt(member);
      end.ifPresent(ended -> ends.put(member, ended.result()));
      pending += end.isEmpty() && known.told(member) ? 1 : 0;
    }
    return judge.success(ends, pending);
  }

  private static List<RolloutEvent> promoting(Known known, Observations seen, Instant now) {
    boolean current = seen.current().equals(known.plan().target());
    boolean free =
        known.told().stream().allMatch(member -> seen.released().contains(member.name()));
    return current && free
        ? List.of(
            new RolloutEvent.Completed(
                now.toEpochMilli(),
                "%s is the current version of %s; %d devices took part"
                    .formatted(
                        RolloutPlan.brief(known.plan().target()),
                        known.plan().family(),
                        known.told().size())))
        : List.of();
  }

  private static List<RolloutEvent> returning(Known known, Observations seen, Instant now) {
    List<Member> told = known.told();
    if (!told.stream().allMatch(member -> seen.released().contains(member.name()))) {
      return List.of();
    }
    String target = known.plan().target();
    Map<Boolean, List<Member>> there =
        told.stream()
            .collect(
                Collectors.partitioningBy(
                    member -> seen.sight(member).filter(s -> !serves(s, target)).isEmpty()));
    long waiting =
        there.get(true).stream()
            .filter(member -> seen.sight(member).isEmpty() || seen.online(member))
            .count();
    boolean late =
        now.toEpochMilli() - known.stageMs() >= known.plan().pace().attemptMs();
    String open =
        there.get(true).isEmpty()
            ? ""
            : ", the others follow when they connect: "
                + there.get(true).stream()
                    .limit(5)
                    .map(Member::name)
                    .collect(Collectors.joining(", "));
    return waiting == 0 || late
        ? List.of(
            new RolloutEvent.Ended(
                now.toEpochMilli(),
                there.get(false).size(),
                "%d of %d devices are back on the current version%s"
                    .formatted(there.get(false).size(), told.size(), open)))
        : List.of();
  }

  private static boolean serves(Sight sight, String target) {
    return sight.serves().equals(target) || sight.desired().equals(target);
  }

  private static String time(long ms) {
    Duration time = Duration.ofMillis(ms);
    return time.toMinutes() >= 120
        ? time.toHours() + " h"
        : time.toSeconds() >= 120 ? time.toMinutes() + " min" : time.toSeconds() + " s";
  }
}
