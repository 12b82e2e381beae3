package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.GateFinding.Gate;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What is to be thought of the gates of a rollout that compare devices with themselves. A gate
 * fails where the whole interval lies beyond its threshold and passes where the whole interval
 * keeps it; between these it is in doubt.
 */
final class GateJudge {
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

  private GateFinding accuracy(Collection<DeviceEvidence> evidence) {
    Difference d = new Comparison(target, Tally::accuracy, RungFigures::accuracy).of(evidence);
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
            : Texts.text(
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
        new Comparison(target, Tally::p95, rung -> Math.log(Math.max(1, rung.latencyP50Ns())))
            .of(evidence);
    double most = Math.log(gates.mostP95Ratio());
    String reason =
        d.pairs() == 0
            ? "no device has latencies of both versions"
            : Texts.text(
                "the 95th percentile of the latency is %.2f times what it was (%.2f..%.2f with 99"
                    + " %% confidence, %.0f and %.0f windows on the same devices; %.2f is the"
                    + " most)",
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
    Difference d = new Comparison(target, Tally::sureness, rung -> 0).of(evidence);
    double most = gates.mostDrift();
    String reason =
        d.pairs() == 0
            ? "no device has confidences of both versions"
            : Texts.text(
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
}
