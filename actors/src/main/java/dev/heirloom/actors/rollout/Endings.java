package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** How a rollout ends once all groups have passed, or it was given up. */
final class Endings {
  private Endings() {}

  /** Whether every twin follows the current version: one that was not told would never. */
  private static boolean free(Known known, Observations seen) {
    return known.told().stream()
        .allMatch(member -> seen.gone(member) || seen.released().contains(member.name()));
  }

  private static boolean late(Known known, Observations seen) {
    return seen.over(known.stageMs(), known.plan().pace().attemptMs());
  }

  static Step promoting(Known known, Observations seen) {
    RolloutPlan plan = known.plan();
    Optional<String> overtaken = overtaken(plan, seen);
    if (overtaken.isPresent()) {
      return Step.of(new RolloutEvent.Turned(seen.nowMs(), false, overtaken.get()));
    }
    return seen.current().equals(plan.target()) && free(known, seen)
        ? Step.of(
            new RolloutEvent.Completed(
                seen.nowMs(),
                "%s is the current version of %s; %d devices took part"
                    .formatted(
                        RolloutPlan.brief(plan.target()), plan.family(), known.touched().size())))
        : Step.waitsFor("twins to follow the current version");
  }

  /** Why the rollout is not about the current version of its family any more, if so. */
  static Optional<String> overtaken(RolloutPlan plan, Observations seen) {
    boolean expected =
        seen.current().equals(plan.previous()) || seen.current().equals(plan.target());
    return expected
        ? Optional.empty()
        : Optional.of(
            "another version, %s, became the current one of %s"
                .formatted(RolloutPlan.brief(seen.current()), plan.family()));
  }

  static Step returning(Known known, Observations seen) {
    List<Member> away =
        known.touched().stream().filter(member -> !back(known, seen, member)).toList();
    List<Member> quarantined = some(away, member -> quarantined(seen, member));
    List<Member> waited = some(away, member -> !seen.gone(member) && !quarantined(seen, member));
    boolean waits = waited.stream().anyMatch(member -> !absent(seen, member));
    if (!free(known, seen) || (waits && !late(known, seen))) {
      return Step.waitsFor(
          waited.isEmpty() ? "twins to answer" : "devices to be back: " + Texts.names(waited));
    }
    List<String> parts = new ArrayList<>();
    parts.add(
        "%d of %d devices are back on the current version"
            .formatted(known.touched().size() - away.size(), known.touched().size()));
    say(parts, waited, "not yet back, to follow when they connect: ");
    say(parts, quarantined, "in quarantine, to follow when that is lifted: ");
    say(parts, some(away, seen::gone), "removed meanwhile: ");
    return Step.of(
        new RolloutEvent.Ended(
            seen.nowMs(), known.touched().size() - away.size(), String.join("; ", parts)));
  }

  private static List<Member> some(List<Member> members, Predicate<Member> which) {
    return members.stream().filter(which).toList();
  }

  private static void say(List<String> parts, List<Member> members, String what) {
    if (!members.isEmpty()) {
      parts.add(what + Texts.names(members));
    }
  }

  /** Whether a device neither serves the target nor shall. */
  static boolean back(Known known, Observations seen, Member member) {
    String target = known.plan().target();
    return seen.sight(member)
        .filter(sight -> !sight.serves().equals(target) && !sight.desired().equals(target))
        .isPresent();
  }

  private static boolean absent(Observations seen, Member member) {
    return seen.sight(member).filter(sight -> !sight.online()).isPresent();
  }

  private static boolean quarantined(Observations seen, Member member) {
    return seen.sight(member).flatMap(Sight::quarantine).isPresent();
  }
}
