package dev.heirloom.bench;

import dev.heirloom.actors.simulation.Scenario;
import dev.heirloom.actors.simulation.Score;
import dev.heirloom.actors.simulation.Strategies;
import dev.heirloom.actors.simulation.Tournament;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The rank policy beside what else might choose rungs, on simulated fleets: 1,000 devices of 8
 * classes, 2 of them unseen at the start, 24 hours, 10 seeds ({@code
 * docs/explanation/simulator.md}).
 *
 * <p>Figures of Heirloom: {@code gap_closed}, between always rung 1 and the oracle that is held to
 * the goal for {@code over_budget_ratio}, as every strategy is; {@code gap_closed_unheld}, the same
 * with the oracle that is not; {@code over_budget_ratio}, {@code changes_per_50}, {@code
 * recovery_windows} (95th percentile), {@code dominated_by}; {@code gap_closed_worst_seed}; {@code
 * ceiling_gap_closed_unheld}, what an oracle comes to that leaves the same headroom everywhere, the
 * smallest of some with which it keeps to that goal; the first five, {@code truly_over_ratio} and
 * {@code regret_points} of every strategy, with its name before them.
 */
final class PolicyBenchmark implements Benchmark {
  private static final int DEVICES = 1000;
  private static final int QUICK_DEVICES = 200;
  private static final int SEEDS = 10;
  private static final double MOST_OVER = 0.01;
  private static final int[] HEADROOM_PERCENT = {4, 6, 8, 10, 12, 14, 16, 20, 25, 30};

  @Override
  public String name() {
    return "policy";
  }

  @Override
  public String description() {
    return "the rank policy beside other strategies, on simulated fleets";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atLeast("gap_closed", 0.9),
        Goal.atMost("over_budget_ratio", MOST_OVER),
        Goal.atMost("changes_per_50", 1),
        Goal.atMost("recovery_windows", 3),
        Goal.atMost("dominated_by", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Scenario scenario = Scenario.usual(run.quick() ? QUICK_DEVICES : DEVICES);
    List<Long> seeds = LongStream.rangeClosed(1, run.quick() ? 1 : SEEDS).boxed().toList();
    Tournament tournament =
        new Tournament(scenario, seeds, Strategies.all(scenario.ladder().size()));
    long begunNs = System.nanoTime();
    List<Tournament.Result> results =
        tournament.run(Runtime.getRuntime().availableProcessors(), done -> {}, run.interrupted());
    double seconds = (System.nanoTime() - begunNs) / 1e9;
    long windows = results.stream().mapToLong(result -> result.score().windows()).sum();
    return ceiling(run, scenario, seeds, figures(results))
        .with("seconds", seconds)
        .with("windows_per_second", windows / seconds);
  }

  /** What knowing a device's truth, but not its windows, could come to within the goal. */
  private static Figures ceiling(Run run, Scenario scenario, List<Long> seeds, Figures figures)
      throws InterruptedException {
    for (int percent : HEADROOM_PERCENT) {
      Score score =
          new Tournament(scenario, seeds, List.of(Strategies.oracle(percent)))
              .run(Runtime.getRuntime().availableProcessors(), done -> {}, run.interrupted())
              .get(0)
              .score();
      if (score.overBudgetRatio() <= MOST_OVER) {
        return figures
            .with("ceiling_gap_closed_unheld", score.gapClosed())
            .with("ceiling_headroom_percent", percent);
      }
    }
    return figures;
  }

  /** The figures of some results, Heirloom's among them. */
  static Figures figures(List<Tournament.Result> results) {
    Tournament.Result own = named(results, Strategies.HEIRLOOM);
    Score score = own.score();
    Score held = named(results, Strategies.HELD_ORACLE).score();
    Figures figures =
        strategy(Figures.none(), "", score, held)
            .with("dominated_by", (double) dominators(results, score))
            .with("gap_closed_worst_seed", worstSeed(own, named(results, Strategies.HELD_ORACLE)))
            .with("unavoidable_ratio", score.unavoidableRatio())
            .with("infeasible_ratio", score.infeasibleRatio());
    for (Tournament.Result result : results) {
      if (result != own) {
        String prefix = result.strategy().name().replace('-', '_') + "_";
        figures = strategy(figures, prefix, result.score(), held);
      }
    }
    return figures;
  }

  /** Baselines that are at least as good on accuracy and on violations; the oracle is none. */
  private static long dominators(List<Tournament.Result> results, Score own) {
    return results.stream()
        .filter(result -> !result.strategy().name().equals(Strategies.HEIRLOOM))
        .filter(result -> !result.strategy().name().startsWith(Strategies.ORACLE))
        .filter(result -> result.score().dominates(own))
        .count();
  }

  private static Tournament.Result named(List<Tournament.Result> results, String name) {
    return results.stream()
        .filter(result -> result.strategy().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static double worstSeed(Tournament.Result own, Tournament.Result held) {
    double worst = Double.POSITIVE_INFINITY;
    for (int i = 0; i < own.bySeed().size(); i++) {
      worst = Math.min(worst, own.bySeed().get(i).gapClosed(held.bySeed().get(i)));
    }
    return worst;
  }

  private static Figures strategy(Figures figures, String prefix, Score score, Score held) {
    return figures
        .with(prefix + "gap_closed", score.gapClosed(held))
        .with(prefix + "gap_closed_unheld", score.gapClosed())
        .with(prefix + "over_budget_ratio", score.overBudgetRatio())
        .with(prefix + "changes_per_50", score.changesPer50())
        .with(prefix + "recovery_windows", score.recoveryP95())
        .with(prefix + "recovery_windows_mean", score.recoveryMean())
        .with(prefix + "truly_over_ratio", score.trulyOverRatio())
        .with(prefix + "regret_points", 100 * score.regret());
  }
}
