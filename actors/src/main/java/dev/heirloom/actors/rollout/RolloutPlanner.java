package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which events follow from what a rollout knows and sees. It persists and tells nothing, and says
 * the same whenever it is asked the same.
 */
final class RolloutPlanner {
  private static final String HELD = "an operator to let it go on";

  private RolloutPlanner() {}

  /** What is to be decided now, or waited for. */
  static Step next(Known known, Observations seen) {
    return switch (known.phase()) {
      case RUNNING -> running(known, seen);
      case RETURNING -> Endings.returning(known, seen);
      case PROMOTING -> Endings.promoting(known, seen);
      case COMPLETED, HALTED, ABORTED -> Step.OVER;
    };
  }

  private static Step running(Known known, Observations seen) {
    long atMs = seen.nowMs();
    Optional<String> useless = useless(known, seen);
    if (useless.isPresent()) {
      return Step.of(new RolloutEvent.Turned(atMs, false, useless.get()));
    }
    if (seen.current().equals(known.plan().target())) {
      return Step.of(
          new RolloutEvent.PromotionBegun(atMs, "the target was made the current version"));
    }
    List<Member> newcomers = newcomers(known, seen);
    if (!newcomers.isEmpty()) {
      return Step.of(new RolloutEvent.Joined(atMs, newcomers));
    }
    List<AttemptEnd> ends = Attempts.ended(known, seen);
    if (!ends.isEmpty()) {
      return Step.of(new RolloutEvent.AttemptsEnded(atMs, ends));
    }
    return switch (known.stage()) {
      case BASELINE -> baseline(known, seen);
      case INSTALLING -> installing(known, seen);
      case SOAKING -> soaking(known, seen);
    };
  }

  /** Why there is nothing to be rolled out any more. */
  private static Optional<String> useless(Known known, Observations seen) {
    RolloutPlan plan = known.plan();
    if (seen.ladder().isEmpty()) {
      return Optional.of("the target is not published any more");
    }
    return Endings.overtaken(plan, seen);
  }

  /**
   * Devices that match and came later: they join the last group. Once that has begun they would
   * hold it up; they take the target when it is the current version.
   */
  private static List<Member> newcomers(Known known, Observations seen) {
    int last = known.groups();
    if (known.group() == last && known.stage() != Stage.BASELINE) {
      return List.of();
    }
    Set<String> names =
        known.members().stream().map(Member::name).collect(Collectors.toUnmodifiableSet());
    return seen.devices().entrySet().stream()
        .filter(entry -> !names.contains(entry.getKey()))
        .filter(entry -> entry.getValue().family().equals(known.plan().family()))
        .map(
            entry -> new Member(entry.getKey(), entry.getValue().deviceClass(), last, seen.nowMs()))
        .sorted(Comparator.comparing(Member::name))
        .toList();
  }

  private static Step baseline(Known known, Observations seen) {
    Pace pace = known.plan().pace();
    long waitedMs = seen.waitedMs(known.stageMs());
    List<Member> group = known.inGroup(known.group());
    List<Member> online = group.stream().filter(seen::online).toList();
    long measured =
        online.stream().filter(m -> known.evidenceOf(m.name()).windowsBefore() > 0).count();
    Optional<String> unknown = unknownBefore(known, group);
    boolean enough =
        !known.plan().gates().compare()
            || waitedMs >= pace.longestBaselineMs() / 2
            || measured == online.size();
    boolean there = !online.isEmpty() || (known.group() > 1 && seen.settled());
    String found =
        seen.devices().isEmpty()
            ? "no device was seen yet"
            : "group %d: %d of %d devices online, %d of them measured"
                .formatted(known.group(), online.size(), group.size(), measured);
    if (known.paused()) {
      return Step.waitsFor(HELD);
    }
    if (unknown.isEmpty() && enough && there) {
      return MaintenanceWindow.open(known.plan().windows(), seen.now())
          ? Step.of(new RolloutEvent.InstallationBegun(seen.nowMs(), known.group(), found))
          : Step.waitsFor("a maintenance window; " + found);
    }
    String lacks = found + unknown.map(why -> "; " + why).orElse("");
    return seen.over(known.stageMs(), pace.longestBaselineMs())
        ? Step.of(
            new RolloutEvent.Turned(
                seen.nowMs(), false, "after " + Texts.time(waitedMs) + ", " + lacks))
        : Step.waitsFor("the version before to be known: " + lacks);
  }

  private static Optional<String> unknownBefore(Known known, List<Member> group) {
    return known.group() > 1
        ? Optional.empty()
        : new BaselineJudge(known.plan().gates()).unknown(known.evidenceOf(group));
  }

  private static Step installing(Known known, Observations seen) {
    Optional<Step> halt = halted(known, seen);
    if (halt.isPresent()) {
      return halt.get();
    }
    List<Member> group = known.inGroup(known.group());
    long open = group.stream().filter(member -> known.attempt(member).isEmpty()).count();
    if (open > 0) {
      return Step.waitsFor(
          "%d of %d devices of group %d to answer".formatted(open, group.size(), known.group()));
    }
    String found = "group " + known.group() + ": " + results(known, group);
    if (installed(known, group)) {
      return Step.of(new RolloutEvent.SoakBegun(seen.nowMs(), known.group(), found));
    }
    if (known.group() == 1) {
      return Step.of(
          new RolloutEvent.Turned(seen.nowMs(), false, found + "; nobody of the canary took part"));
    }
    return known.paused() ? Step.waitsFor(HELD) : passed(known, seen, found + "; nobody took part");
  }

  private static boolean installed(Known known, List<Member> group) {
    return group.stream()
        .anyMatch(
            member ->
                known.attempt(member).filter(end -> end.result() == Result.INSTALLED).isPresent());
  }

  private static String results(Known known, List<Member> group) {
    Map<Result, Long> results = new EnumMap<>(Result.class);
    group.forEach(
        member ->
            known.attempt(member).ifPresent(end -> results.merge(end.result(), 1L, Long::sum)));
    return Stream.of(Result.values())
        .filter(result -> result == Result.INSTALLED || results.containsKey(result))
        .map(result -> results.getOrDefault(result, 0L) + " " + result.label())
        .collect(Collectors.joining(", "));
  }

  private static Step soaking(Known known, Observations seen) {
    Optional<Step> halt = halted(known, seen);
    if (halt.isPresent()) {
      return halt.get();
    }
    Pace pace = known.plan().pace();
    long soakedMs = seen.waitedMs(known.stageMs());
    List<GateFinding> findings = findings(known, seen);
    Optional<GateFinding> doubt =
        findings.stream().filter(f -> f.verdict() == Verdict.IN_DOUBT).findFirst();
    Optional<String> why = doubt.map(GateFinding::reason).or(() -> unheard(known));
    if (why.isPresent()) {
      return seen.over(known.stageMs(), pace.longestSoakMs())
          ? Step.of(
              new RolloutEvent.Turned(
                  seen.nowMs(),
                  false,
                  "group %d is in doubt after %s: %s"
                      .formatted(known.group(), Texts.time(soakedMs), why.get())))
          : Step.waitsFor("group " + known.group() + " to be out of doubt: " + why.get());
    }
    if (soakedMs < pace.leastSoakMs() || known.paused()) {
      return Step.waitsFor(
          known.paused()
              ? HELD
              : "group %d to soak for %s".formatted(known.group(), Texts.time(pace.leastSoakMs())));
    }
    return passed(
        known,
        seen,
        "group %d passed after %s: ".formatted(known.group(), Texts.time(soakedMs))
            + findings.stream().map(GateFinding::reason).collect(Collectors.joining("; ")));
  }

  /** Gates that earlier groups pass say nothing of one that nobody has heard of. */
  private static Optional<String> unheard(Known known) {
    boolean heard =
        !known.plan().gates().compare()
            || known.inGroup(known.group()).stream()
                .anyMatch(member -> known.evidenceOf(member.name()).windowsAfter() > 0);
    return heard
        ? Optional.empty()
        : Optional.of("none of its devices has reported a window of the target");
  }

  private static Step passed(Known known, Observations seen, String reason) {
    return Step.of(
        known.group() < known.groups()
            ? new RolloutEvent.GroupPassed(seen.nowMs(), known.group(), reason)
            : new RolloutEvent.PromotionBegun(seen.nowMs(), reason));
  }

  private static Optional<Step> halted(Known known, Observations seen) {
    return findings(known, seen).stream()
        .filter(finding -> finding.verdict() == Verdict.FAILED)
        .findFirst()
        .map(
            finding ->
                Step.of(
                    new RolloutEvent.Turned(
                        seen.nowMs(),
                        false,
                        "group %d: %s".formatted(known.group(), finding.reason()))));
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
    findings.add(SuccessGate.judge(known, group));
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
}
