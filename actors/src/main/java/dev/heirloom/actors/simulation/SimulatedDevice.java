package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A device and its contender. A window is served, reported and decided on; what is then desired is
 * fetched in the next window and takes over somewhere within it.
 */
final class SimulatedDevice {

  /** Windows that an agent keeps while it is not heard. */
  private static final int MOST_LATE = 256;

  private static final Digest VERSION = Digest.of("simulated".getBytes(StandardCharsets.UTF_8));
  private static final double MEDIAN_SHARE = 0.65;
  private static final double SESSION_SHARE = 0.9;

  private final int number;
  private final DeviceTruth truth;
  private final Contender contender;
  private final Duration length;
  private final double p99Factor;
  private final Deque<WindowReport> late = new ArrayDeque<>();
  private boolean linked;
  private int age;
  private int serving;
  private int desired;

  SimulatedDevice(Scenario scenario, int number, DeviceTruth truth, Contender contender) {
    this.number = number;
    this.truth = truth;
    this.contender = contender;
    this.length = scenario.window();
    this.p99Factor = Math.pow(5, 1 / scenario.conditions().measuring().tailIndex());
  }

  /** Lives through a window; says what happened, if the device served. */
  Optional<Moment> window(int window) {
    if (window < truth.traits.joins) {
      return Optional.empty();
    }
    truth.next(window);
    if (!truth.serving()) {
      linked = false;
      return Optional.empty();
    }
    int before = desired;
    if (truth.linked() && !linked) {
      connect();
    }
    linked = truth.linked();
    if (contender instanceof Clairvoyant clairvoyant) {
      serving = clairvoyant.foresee(truth);
      desired = serving;
    }
    int began = serving;
    serving = linked ? desired : serving;
    double trueNs = truth.mixed(began, serving);
    double measuredNs = truth.measured(trueNs);
    report(window, measuredNs);
    boolean changed = before > 0 && before != desired;
    Moment moment = moment(window, began, changed, trueNs, measuredNs);
    age++;
    return Optional.of(moment);
  }

  private void connect() {
    desired = contender.connected();
    if (serving == 0) {
      serving = desired;
    }
    while (!late.isEmpty()) {
      contender.learn(late.removeFirst());
    }
  }

  private void report(int window, double measuredNs) {
    LatencySummary request = summary(measuredNs);
    WindowReport report =
        new WindowReport(
            age + 1L,
            age + 1L,
            Instant.ofEpochMilli(window * length.toMillis()),
            length,
            "simulated",
            VERSION,
            serving,
            Source.TRAFFIC,
            request,
            summary(SESSION_SHARE * measuredNs),
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            truth.celsius(),
            !linked);
    if (linked) {
      desired = contender.decide(report);
    } else {
      if (late.size() == MOST_LATE) {
        late.removeFirst();
      }
      late.addLast(report);
    }
  }

  private LatencySummary summary(double p95Ns) {
    if (truth.requests() == 0) {
      return LatencySummary.NONE;
    }
    long ns = Math.max(1, Math.round(p95Ns));
    long p99 = Math.round(p95Ns * p99Factor);
    return new LatencySummary(truth.requests(), Math.round(MEDIAN_SHARE * p95Ns), ns, p99, p99);
  }

  private Moment moment(int window, int began, boolean changed, double trueNs, double measuredNs) {
    double share = began == serving ? 0 : truth.swapAt();
    return new Moment(
        number,
        window,
        age,
        began,
        serving,
        desired,
        changed,
        linked,
        truth.best(),
        truth.bestHeld(),
        share * truth.accuracy(began) + (1 - share) * truth.accuracy(serving),
        truth.accuracy(Math.max(1, truth.best())),
        truth.traits.budgetNs,
        trueNs,
        truth.p95Ns(began),
        measuredNs,
        truth.measured(truth.leastNs()),
        truth.requests(),
        truth.step().began(),
        truth.step().since());
  }
}
