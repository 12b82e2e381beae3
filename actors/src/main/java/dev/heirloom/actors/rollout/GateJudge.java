package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.Difference.Pair;
import dev.heirloom.actors.rollout.GateFinding.Gate;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What is to be thought of the gates of a rollout. A gate fails where the whole interval lies
 * beyond its threshold and passes where the whole interval keeps it; between these it is in doubt.
 */
final class GateJudge {
  /**
   * Part of a tolerance that the interval of the version before may take. What it errs by stays: at
   * a half, one good version in 200 remains in doubt however long the target is measured.
   */
  private static final double BEFORE_SHARE = 0.5;

  private static final double FAR_MORE = 2;
  private static final double EXACT = 1e15;

  private final Gates gates;
  private final Ladder target;

  /**
   * @param target ladder of the target, by which devices are compared that serve other rungs of it
   *     than of the version before
   */
  GateJudge(Gates gates, Ladder target) {
    this.gates = gates;
    this.target = target;
  }

  /** Every gate that compares, over some devices. */
  List<GateFinding> compared(Collection<DeviceEvidence> evidence) {
    List<GateFinding> findings = new ArrayList<>();
    if (gates.asksAccuracy()) {
      findings.add(accuracy(evidence));
    }
    if (gates.asksP95()) {
      findings.add(p95(evidence));
    }
    if (gates.asksDrift()) {
      findings.add(drift(evidence));
    }
    return findings;
  }

  /**
   * What the version before is not yet known well enough for: its own part of the interval must
   * leave room for the target's, or no group could ever pass. Empty where it is known.
   */
  Optional<String> unknownBefore(Collection<DeviceEvidence> evidence) {
    if (gates.asksAccuracy()) {
      Difference d = before(evidence, Tally::accuracy);
      if (!known(d, gates.leastLabels(), gates.mostAccuracyLoss())) {
        return Optional.of(
            text(
                "accuracy in the field is known to %.1f points by %.0f labels; %.1f points and %d"
                    + " labels are needed",
                100 * half(d),
                d.before(),
                100 * BEFORE_SHARE * gates.mostAccuracyLoss(),
                gates.leastLabels()));
      }
    }
    if (gates.asksP95()) {
      Difference d = before(evidence, Tally::p95);
      double most = Math.log(gates.mostP95Ratio());
      if (!known(d, gates.leastWindows(), most)) {
        return Optional.of(windows("the 95th percentile of the latency", d, most));
      }
    }
    if (gates.asksDrift()) {
      Difference d = before(evidence, Tally::sureness);
      if (!known(d, gates.leastWindows(), gates.mostDrift())) {
        return Optional.of(windows("the mean confidence", d, gates.mostDrift()));
      }
    }
    return Optional.empty();
  }

  private String windows(String what, Difference d, double most) {
    return text(
        "%s is known to %.1f %% by %.0f windows; %.1f %% and %d windows are needed",
        what, 100 * half(d), d.before(), 100 * BEFORE_SHARE * most, gates.leastWindows());
  }

  private static boolean known(Difference d, int least, double most) {
    return d.pairs() > 0 && d.before() >= least && half(d) <= BEFORE_SHARE * most;
  }

  private static double half(Difference d) {
    return d.pairs() == 0 ? Double.POSITIVE_INFINITY : d.upper() - d.estimate();
  }

  /** As if the target were known exactly, and were the same. */
  private static Difference before(
      Collection<DeviceEvidence> evidence, Function<Tally, Sample> kind) {
    return Difference.of(
        evidence.stream()
            .flatMap(device -> device.before().stream())
            .map(kind)
            .map(sample -> new Pair(sample, new Sample(EXACT, sample.mean(), 0)))
            .toList());
  }

  private GateFinding accuracy(Collection<DeviceEvidence> evidence) {
    Difference d = difference(evidence, Tally::accuracy, RungFigures::accuracy);
    double least = -gates.mostAccuracyLoss();
    Verdict verdict =
        !d.enough(gates.leastLabels())
            ? Verdict.IN_DOUBT
            : d.upper() < least
                ? Verdict.FAILED
                : d.lower() >= least ? Verdict.PASSED : Verdict.IN_DOUBT;
    String reason =
        d.pairs() == 0
            ? "no device has labels of both versions"
            : text(
                "accuracy in the field differs by %+.1f points (%+.1f..%+.1f with 99 %% confidence,"
                    + " %.0f and %.0f labels on the same devices; %+.1f is the least)",
                100 * d.estimate(),
                100 * d.lower(),
                100 * d.upper(),
                d.before(),
                d.after(),
                100 * least);
    return new GateFinding(
        Gate.ACCURACY, verdict, d.pairs() == 0 ? Double.NaN : d.estimate(), least, reason);
  }

  private GateFinding p95(Collection<DeviceEvidence> evidence) {
    Difference d =
        difference(evidence, Tally::p95, rung -> Math.log(Math.max(1, rung.latencyP50Ns())));
    double most = Math.log(gates.mostP95Ratio());
    String reason =
        d.pairs() == 0
            ? "no device has latencies of both versions"
            : text(
                "the 95th percentile of the latency is %.2f times what it was (%.2f..%.2f with 99"
                    + " %% confidence, %.0f and %.0f windows on the same devices; %.2f is the most)",
                Math.exp(d.estimate()),
                Math.exp(d.lower()),
                Math.exp(d.upper()),
                d.before(),
                d.after(),
                gates.mostP95Ratio());
    return new GateFinding(
        Gate.P95,
        atMost(d, d.estimate(), most),
        d.pairs() == 0 ? Double.NaN : Math.exp(d.estimate()),
        gates.mostP95Ratio(),
        reason);
  }

  private GateFinding drift(Collection<DeviceEvidence> evidence) {
    Difference d = difference(evidence, Tally::sureness, rung -> 0);
    double most = gates.mostDrift();
    String reason =
        d.pairs() == 0
            ? "no device has confidences of both versions"
            : text(
                "mean confidence moved by %+.1f points (%+.1f..%+.1f with 99 %% confidence, %.0f"
                    + " and %.0f windows on the same devices; %.1f is the most either way)",
                100 * d.estimate(),
                100 * d.lower(),
                100 * d.upper(),
                d.before(),
                d.after(),
                100 * most);
    Verdict up = atMost(d, d.estimate(), most);
    Difference mirrored =
        new Difference(d.pairs(), d.before(), d.after(), -d.estimate(), -d.upper(), -d.lower());
    Verdict down = atMost(mirrored, -d.estimate(), most);
    Verdict verdict = up.compareTo(down) > 0 ? up : down;
    return new GateFinding(
        Gate.DRIFT, verdict, d.pairs() == 0 ? Double.NaN : d.estimate(), most, reason);
  }

  private Verdict atMost(Difference d, double estimate, double most) {
    if (!d.enough(gates.leastWindows()) || Double.isNaN(estimate)) {
      return Verdict.IN_DOUBT;
    }
    return d.lower() > most
        ? Verdict.FAILED
        : d.upper() <= most ? Verdict.PASSED : Verdict.IN_DOUBT;
  }

  /**
   * Rungs that a device served of both versions; where that tells much less than the rungs that it
   * served most, these, moved by the ladder.
   */
  private Difference difference(
      Collection<DeviceEvidence> evidence,
      Function<Tally, Sample> kind,
      ToDoubleFunction<RungFigures> byLadder) {
    List<Pair> pairs = new ArrayList<>();
    for (DeviceEvidence device : evidence) {
      List<Pair> same = sameRungs(device, kind);
      Optional<Pair> across = acrossRungs(device, kind, byLadder).filter(Pair::tells);
      double weight = same.stream().mapToDouble(Pair::weight).sum();
      if (across.isPresent() && across.get().weight() > FAR_MORE * weight) {
        pairs.add(across.get());
      } else {
        pairs.addAll(same);
      }
    }
    return Difference.of(pairs);
  }

  private static List<Pair> sameRungs(DeviceEvidence device, Function<Tally, Sample> kind) {
    return device.before().stream()
        .flatMap(
            old ->
                device.after().stream()
                    .filter(tally -> tally.rung() == old.rung())
                    .map(tally -> new Pair(kind.apply(old), kind.apply(tally))))
        .filter(Pair::tells)
        .toList();
  }

  private Optional<Pair> acrossRungs(
      DeviceEvidence device, Function<Tally, Sample> kind, ToDoubleFunction<RungFigures> byLadder) {
    Optional<Tally> old = most(device.before(), kind);
    Optional<Tally> young = most(device.after(), kind);
    if (old.isEmpty() || young.isEmpty() || old.get().rung() > target.size()) {
      return Optional.empty();
    }
    double expected =
        byLadder.applyAsDouble(target.rung(old.get().rung()))
            - byLadder.applyAsDouble(target.rung(young.get().rung()));
    return Optional.of(
        new Pair(kind.apply(old.get()), kind.apply(young.get()).shifted(expected)));
  }

  private Optional<Tally> most(List<Tally> tallies, Function<Tally, Sample> kind) {
    return tallies.stream()
        .filter(tally -> tally.rung() <= target.size())
        .max(
            (one, other) ->
                Double.compare(kind.apply(one).count(), kind.apply(other).count()));
  }

  /**
   * The share of installations that succeeded, overall and of each device class.
   *
   * @param ends attempts that have ended
   * @param pending attempts that have not
   */
  GateFinding success(Map<Member, AttemptEnd.Result> ends, int pending) {
    Rate all = new Rate("", ends.values());
    Map<String, List<AttemptEnd.Result>> classes = new TreeMap<>();
    ends.forEach(
        (member, result) ->
            classes.computeIfAbsent(member.deviceClass(), k -> new ArrayList<>()).add(result));
    Rate worst =
        classes.entrySet().stream()
            .map(entry -> new Rate(entry.getKey(), entry.getValue()))
            .filter(rate -> rate.tried() >= 2 && rate.share() < gates.leastSuccess())
            .reduce(all, (one, other) -> other.share() < one.share() ? other : one);
    double best = all.tried() + pending == 0 ? 0 : 1 - (double) all.failed() / (all.tried() + pending);
    boolean lost = best < gates.leastSuccess() && all.tried() > 0;
    boolean failed = lost || (worst != all && worst.share() < gates.leastSuccess());
    Verdict verdict =
        failed
            ? Verdict.FAILED
            : pending > 0 || all.tried() == 0 ? Verdict.IN_DOUBT : Verdict.PASSED;
    String reason =
        worst
            + (pending > 0 ? ", " + pending + " to come" : "")
            + text("; %.1f %% is the least", 100 * gates.leastSuccess());
    return new GateFinding(
        Gate.SUCCESS,
        verdict,
        worst.tried() == 0 ? Double.NaN : worst.share(),
        gates.leastSuccess(),
        reason);
  }

  /** Installations of some devices. */
  private record Rate(String deviceClass, int tried, int failed) {
    Rate(String deviceClass, Collection<AttemptEnd.Result> results) {
      this(
          deviceClass,
          (int)
              results.stream()
                  .filter(
                      r -> r == AttemptEnd.Result.INSTALLED || r == AttemptEnd.Result.FAILED)
                  .count(),
          (int) results.stream().filter(r -> r == AttemptEnd.Result.FAILED).count());
    }

    double share() {
      return tried == 0 ? 1 : 1 - (double) failed / tried;
    }

    @Override
    public String toString() {
      String of = deviceClass.isEmpty() ? "" : " of class " + deviceClass;
      return "%d of %d installations%s succeeded".formatted(tried - failed, tried, of);
    }
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
