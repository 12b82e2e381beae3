package dev.heirloom.actors.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Several strategies on the same fleets. Each run of a strategy with a seed has one thread; how
 * many runs go on at a time changes nothing.
 */
public final class Tournament {

  /**
   * What a strategy came to.
   *
   * @param strategy which one
   * @param total over all seeds
   * @param bySeed for each seed, in their order
   */
  public record Result(Strategy strategy, Ledger total, List<Score> bySeed) {

    public Result {
      bySeed = List.copyOf(bySeed);
    }

    /** Over all seeds. */
    public Score score() {
      return total.score();
    }
  }

  private final Scenario scenario;
  private final List<Long> seeds;
  private final List<Strategy> strategies;

  /** One with at least one seed and one strategy. */
  public Tournament(Scenario scenario, List<Long> seeds, List<Strategy> strategies) {
    this.scenario = scenario;
    this.seeds = List.copyOf(seeds);
    this.strategies = List.copyOf(strategies);
  }

  /** How many runs there will be. */
  public int runs() {
    return seeds.size() * strategies.size();
  }

  /**
   * Runs all of them.
   *
   * @param threads at a time
   * @param finished hears on the calling thread how many runs have ended
   * @param cancelled asked often, on other threads
   * @return one for each strategy, in their order
   * @throws InterruptedException if it was cancelled, or the calling thread interrupted
   */
  public List<Result> run(int threads, IntConsumer finished, BooleanSupplier cancelled)
      throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(threads, Tournament::thread);
    try {
      List<Future<Ledger>> runs = new ArrayList<>();
      for (Strategy strategy : strategies) {
        for (long seed : seeds) {
          runs.add(executor.submit(() -> run(strategy, seed, cancelled)));
        }
      }
      return collect(runs, finished);
    } finally {
      executor.shutdownNow();
    }
  }

  private Ledger run(Strategy strategy, long seed, BooleanSupplier cancelled) {
    Ledger ledger = new Ledger(scenario);
    BooleanSupplier ends = () -> cancelled.getAsBoolean() || Thread.currentThread().isInterrupted();
    new Simulation(scenario, seed, strategy).run(ledger, ends);
    return ledger;
  }

  private List<Result> collect(List<Future<Ledger>> runs, IntConsumer finished)
      throws InterruptedException {
    List<Result> results = new ArrayList<>();
    int next = 0;
    for (Strategy strategy : strategies) {
      Ledger total = new Ledger(scenario);
      List<Score> bySeed = new ArrayList<>();
      for (int i = 0; i < seeds.size(); i++) {
        Ledger ledger = get(runs.get(next));
        next++;
        total.add(ledger);
        bySeed.add(ledger.score());
        finished.accept(next);
      }
      results.add(new Result(strategy, total, bySeed));
    }
    return results;
  }

  private static Ledger get(Future<Ledger> run) throws InterruptedException {
    try {
      return run.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CancellationException) {
        throw new InterruptedException();
      }
      throw new IllegalStateException("a simulation failed: " + e.getCause(), e.getCause());
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "simulation");
    thread.setDaemon(true);
    return thread;
  }
}
