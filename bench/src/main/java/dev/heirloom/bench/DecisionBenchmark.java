package dev.heirloom.bench;

import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.adaptation.Terms;
import dev.heirloom.actors.adaptation.Verdict;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.twin.TwinEvent;
import dev.heirloom.control.store.TwinSerializer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a decision costs: the policy that the control plane runs, on a ladder of 16 rungs, with the
 * states that random histories lead to.
 *
 * <p>Figures: {@code us_per_decision}, the median over batches of 20,000 decisions, each on another
 * state and window than the one before; {@code decisions}, how many were timed; {@code
 * bytes_per_device}, the largest of what a twin writes for its policy's state, as an event that
 * holds a few numbers beside it, after any window of any history; {@code bytes_per_device_p50};
 * {@code histories}.
 */
final class DecisionBenchmark implements Benchmark {
  private static final int BATCH = 20_000;
  private static final int WARM_UP_BATCHES = 40;
  private static final int BATCHES = 101;
  private static final int HISTORIES = 300;
  private static final int WINDOWS = 300;
  private static final int CASES = 4096;

  @Override
  public String name() {
    return "decision";
  }

  @Override
  public String description() {
    return "time and memory of a decision about a device's rung";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atMost("us_per_decision", 50), Goal.atMost("bytes_per_device", 2048));
  }

  /** A decision to be made. */
  private record Case(Terms terms, PolicyState state, WindowReport window) {}

  @Override
  public Figures run(Run run) throws Exception {
    RankPolicy policy = new HeadroomPolicy();
    TwinSerializer serializer = new TwinSerializer();
    List<Case> cases = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    int histories = run.quick() ? HISTORIES / 10 : HISTORIES;
    for (int seed = 0; seed < histories; seed++) {
      run.check();
      RandomHistory history = new RandomHistory(seed);
      PolicyState state = policy.first(history.terms(), PolicyState.BLANK).next();
      for (int i = 0; i < WINDOWS; i++) {
        if (history.changesTerms()) {
          state = policy.termsChanged(history.terms(), state).next();
        }
        WindowReport window = history.window(state.rung());
        if (cases.size() < CASES && i > WINDOWS / 2) {
          cases.add(new Case(history.terms(), state, window));
        }
        state = policy.decide(history.terms(), state, window).next();
        bytes.add(
            (double) serializer.toBinary(new TwinEvent.BudgetUnmet(1, 0, 1, "", state)).length);
      }
    }
    List<Double> microseconds = time(run, policy, cases);
    return Figures.none()
        .withPercentile("us_per_decision", 0.5, microseconds)
        .withPercentile("us_per_decision_p95", 0.95, microseconds)
        .with("decisions", (double) BATCH * microseconds.size())
        .withPercentile("bytes_per_device", 1, bytes)
        .withPercentile("bytes_per_device_p50", 0.5, bytes)
        .with("histories", histories);
  }

  private static List<Double> time(Run run, RankPolicy policy, List<Case> cases)
      throws InterruptedException {
    int batches = run.quick() ? BATCHES / 5 : BATCHES;
    List<Double> microseconds = new ArrayList<>();
    long moved = 0;
    for (int batch = -WARM_UP_BATCHES; batch < batches; batch++) {
      run.check();
      long startNs = System.nanoTime();
      for (int i = 0; i < BATCH; i++) {
        Case next = cases.get(i % cases.size());
        Verdict verdict = policy.decide(next.terms(), next.state(), next.window());
        moved += verdict.next().rung();
      }
      if (batch >= 0) {
        microseconds.add((System.nanoTime() - startNs) / 1e3 / BATCH);
      }
    }
    // Used, so that no decision is left out for having no effect.
    double mean = (double) moved / BATCH / (batches + WARM_UP_BATCHES);
    run.say().accept("mean rung %.2f".formatted(mean));
    return microseconds;
  }
}
