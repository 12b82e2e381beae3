package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.List;
import java.util.Optional;

/** How attempts to bring devices to the target end; every one does. */
final class Attempts {
  private final Known known;
  private final Observations seen;
  private final String target;

  private Attempts(Known known, Observations seen) {
    this.known = known;
    this.seen = seen;
    this.target = known.plan().target();
  }

  /** Attempts that have ended now. */
  static List<AttemptEnd> ended(Known known, Observations seen) {
    Attempts attempts = new Attempts(known, seen);
    return known.told().stream()
        .filter(member -> known.attempt(member).isEmpty())
        .flatMap(member -> attempts.end(member).stream())
        .toList();
  }

  private Optional<AttemptEnd> end(Member member) {
    if (seen.gone(member)) {
      return ended(member, Result.WITHDRAWN, "it was removed");
    }
    String refusal = seen.refusals().get(member.name());
    if (refusal != null) {
      return ended(member, Result.REFUSED, refusal);
    }
    Optional<Sight> sight = seen.sight(member);
    if (sight.filter(s -> s.installed(target)).isPresent()) {
      return ended(member, Result.INSTALLED, "it serves the target");
    }
    List<Outcome> failures =
        sight.map(s -> s.failures(target, known.toldMs(member))).orElse(List.of());
    Optional<String> quarantine = sight.flatMap(Sight::quarantine);
    if (quarantine.isPresent() && failures.isEmpty()) {
      return ended(member, Result.WITHDRAWN, "in quarantine: " + quarantine.get());
    }
    if (quarantine.isPresent() || failures.size() >= known.plan().pace().attempts()) {
      return ended(
          member,
          Result.FAILED,
          "%d installations failed, the last at %s"
              .formatted(failures.size(), failures.get(failures.size() - 1).failedCheck()));
    }
    return late(member, !failures.isEmpty());
  }

  private Optional<AttemptEnd> late(Member member, boolean failed) {
    long toldMs = known.toldMs(member);
    boolean there = seen.online(member);
    String waited = Texts.time(seen.waitedMs(toldMs));
    if (seen.over(toldMs, known.plan().pace().attemptMs())) {
      return ended(
          member,
          there || failed ? Result.FAILED : Result.OVERDUE,
          (there ? "it did not install the target within " : "it was not there for ") + waited);
    }
    boolean closed = !MaintenanceWindow.open(known.plan().windows(), seen.now());
    return closed && seen.settled() && !there
        ? ended(
            member,
            failed ? Result.FAILED : Result.OVERDUE,
            "it was not there for " + waited + ", until the maintenance window closed")
        : Optional.empty();
  }

  private static Optional<AttemptEnd> ended(Member member, Result result, String reason) {
    return Optional.of(new AttemptEnd(member.name(), result, reason));
  }
}
