package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.Difference.Pair;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/** Whether the version before is known well enough for the target to be judged against it. */
final class BaselineJudge {
  /**
   * Part of a tolerance that the interval of the version before may take. What it errs by stays: at
   * a half, one good version in 200 remains in doubt however long the target is measured.
   */
  private static final double BEFORE_SHARE = 0.5;

  /**
   * So many times what a gate asks for: devices come to serve other rungs, or leave, and what they
   * measured before then has no counterpart.
   */
  private static final long MARGIN = 2;

  private static final double EXACT = 1e15;

  private final Gates gates;

  BaselineJudge(Gates gates) {
    this.gates = gates;
  }

  /**
   * What the version before is not yet known well enough for: its own part of the interval must
   * leave room for the target's, or no group could ever pass. Empty where it is known.
   */
  Optional<String> unknown(Collection<DeviceEvidence> evidence) {
    if (gates.asksAccuracy()) {
      Difference d = before(evidence, Tally::accuracy);
      long least = MARGIN * gates.leastLabels();
      if (!known(d, least, gates.mostAccuracyLoss())) {
        return Optional.of(
            Texts.text(
                "accuracy in the field is %s (%.0f labels); %.1f points and %d labels are needed",
                sure(d, "points"),
                d.before(),
                100 * BEFORE_SHARE * gates.mostAccuracyLoss(),
                least));
      }
    }
    if (gates.asksP95()) {
      Difference d = before(evidence, Tally::p95);
      double most = Math.log(gates.mostP95Ratio());
      if (!known(d, leastWindows(), most)) {
        return Optional.of(windows("the 95th percentile of the latency", d, most));
      }
    }
    if (gates.asksDrift()) {
      Difference d = before(evidence, Tally::sureness);
      if (!known(d, leastWindows(), gates.mostDrift())) {
        return Optional.of(windows("the mean confidence", d, gates.mostDrift()));
      }
    }
    return Optional.empty();
  }

  private String windows(String what, Difference d, double most) {
    return Texts.text(
        "%s is %s (%.0f windows); %.1f %% and %d windows are needed",
        what, sure(d, "%"), d.before(), 100 * BEFORE_SHARE * most, leastWindows());
  }

  private long leastWindows() {
    return MARGIN * gates.leastWindows();
  }

  private static String sure(Difference d, String unit) {
    return d.pairs() == 0 ? "not known" : Texts.text("known to %.1f %s", 100 * half(d), unit);
  }

  private static boolean known(Difference d, long least, double most) {
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
}
