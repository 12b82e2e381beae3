package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.GateFinding.Gate;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The gate on installations: the share that succeeds, of all and of each device class in which two
 * failed. It fails as soon as what is still to come cannot save it.
 */
final class SuccessGate {
  private static final int LEAST_FAILURES_OF_CLASS = 2;

  private SuccessGate() {}

  static GateFinding judge(Known known, List<Member> group) {
    double least = known.plan().gates().leastSuccess();
    Rate all = Rate.of("");
    Map<String, Rate> classes = new TreeMap<>();
    for (Member member : known.told(group)) {
      Optional<Result> result = known.attempt(member).map(AttemptEnd::result);
      String deviceClass = member.deviceClass();
      Rate rate = classes.getOrDefault(deviceClass, Rate.of(deviceClass));
      classes.put(deviceClass, rate.with(result));
      all = all.with(result);
    }
    Rate overall = all;
    Rate worst =
        classes.values().stream()
            .filter(rate -> rate.failed() >= LEAST_FAILURES_OF_CLASS && rate.best() < least)
            .reduce(overall, (one, other) -> other.best() < one.best() ? other : one);
    return finding(overall, worst, least);
  }

  private static GateFinding finding(Rate all, Rate worst, double least) {
    Verdict verdict =
        worst.failed() > 0 && worst.best() < least
            ? Verdict.FAILED
            : all.pending() > 0 || all.tried() == 0 ? Verdict.IN_DOUBT : Verdict.PASSED;
    return new GateFinding(
        Gate.SUCCESS,
        verdict,
        worst.tried() == 0 ? Double.NaN : 1 - (double) worst.failed() / worst.tried(),
        least,
        worst + Texts.text("; %.1f %% is the least", 100 * least));
  }

  /** Installations of some devices; who was not there, refused or was withdrawn does not count. */
  private record Rate(String deviceClass, int tried, int failed, int pending) {
    static Rate of(String deviceClass) {
      return new Rate(deviceClass, 0, 0, 0);
    }

    Rate with(Optional<Result> result) {
      boolean failure = result.filter(r -> r == Result.FAILED).isPresent();
      boolean counts = failure || result.filter(r -> r == Result.INSTALLED).isPresent();
      return new Rate(
          deviceClass,
          tried + (counts ? 1 : 0),
          failed + (failure ? 1 : 0),
          pending + (result.isEmpty() ? 1 : 0));
    }

    /** The share that can still be reached. */
    double best() {
      return tried + pending == 0 ? 1 : 1 - (double) failed / (tried + pending);
    }

    @Override
    public String toString() {
      String of = deviceClass.isEmpty() ? "" : " of class " + deviceClass;
      String more = pending > 0 ? ", " + pending + " to come" : "";
      return "%d of %d installations%s succeeded%s".formatted(tried - failed, tried, of, more);
    }
  }
}
