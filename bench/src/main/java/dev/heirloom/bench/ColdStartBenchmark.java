package dev.heirloom.bench;

import dev.heirloom.actors.simulation.Arrivals;
import dev.heirloom.actors.simulation.Arrivals.Arrival;
import dev.heirloom.actors.simulation.Conditions;
import dev.heirloom.actors.simulation.Scenario;
import dev.heirloom.actors.simulation.Simulation;
import dev.heirloom.actors.simulation.Strategies;
import dev.heirloom.actors.simulation.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How new devices find their rung, in simulated fleets, six hours from each one's first window.
 *
 * <p>Figures: {@code within_one}, the share of devices of known classes whose final rung is within
 * one of the first, and {@code right_at_first}, of those whose first one is within one of the held
 * oracle's steady rung; both also where no agent runs micro-probes ({@code unprobed_}); {@code
 * changes_unknown}, the 95th percentile over devices that are the first of their class of the
 * changes before their rung was within one of that rung (1,000 for a device that never was); {@code
 * right_unknown}, the share of these that needed three at most; the latter two of the simple
 * controllers, too.
 */
final class ColdStartBenchmark implements Benchmark {
  private static final int DEVICES = 400;
  private static final int SEEDS = 10;
  private static final int CLASSES = 8;
  private static final int PIONEERS = 16;
  private static final int MOST_CHANGES = 3;
  private static final int NEVER = 1000;

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String description() {
    return "how new devices find their rung, on simulated fleets";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atLeast("within_one", 0.9), Goal.atMost("changes_unknown", MOST_CHANGES));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Conditions usual = Conditions.usual();
    Figures figures =
        known(run, "", usual).with(known(run, "unprobed_", usual.with("probes.knownShare", 0)));
    for (String strategy : List.of(Strategies.HEIRLOOM, "aimd", "hill")) {
      String prefix = strategy.equals(Strategies.HEIRLOOM) ? "" : strategy + "_";
      List<Arrival> unknown = arrivals(run, strategy, scenario(DEVICES, DEVICES, usual));
      List<Double> changes =
          unknown.stream()
              .map(arrival -> (double) Math.min(NEVER, arrival.changesUntilRight()))
              .toList();
      figures =
          figures
              .withPercentile(prefix + "changes_unknown", 0.95, changes)
              .with(
                  prefix + "right_unknown",
                  share(unknown, arrival -> arrival.changesUntilRight() <= MOST_CHANGES));
    }
    return figures;
  }

  private static Figures known(Run run, String prefix, Conditions conditions)
      throws InterruptedException {
    List<Arrival> known = arrivals(run, Strategies.HEIRLOOM, scenario(CLASSES, 0, conditions));
    return Figures.none()
        .with(
            prefix + "within_one",
            share(known, arrival -> Math.abs(arrival.first() - arrival.last()) <= 1))
        .with(
            prefix + "right_at_first",
            share(known, arrival -> Math.abs(arrival.first() - arrival.best()) <= 1));
  }

  private static Scenario scenario(int classes, int unseen, Conditions conditions) {
    Scenario usual = Scenario.usual(DEVICES);
    return new Scenario(
        usual.ladder(),
        DEVICES,
        classes,
        unseen,
        PIONEERS,
        usual.history(),
        Duration.ofHours(8),
        usual.window(),
        0,
        conditions);
  }

  private static List<Arrival> arrivals(Run run, String name, Scenario scenario)
      throws InterruptedException {
    Strategy strategy = Strategies.named(name, scenario.ladder().size()).orElseThrow();
    List<Arrival> all = new ArrayList<>();
    for (long seed = 1; seed <= (run.quick() ? 1 : SEEDS); seed++) {
      run.check();
      Arrivals arrivals = new Arrivals(scenario);
      new Simulation(scenario, seed, strategy).run(arrivals, () -> false);
      all.addAll(arrivals.arrivals());
    }
    return all;
  }

  private static double share(List<Arrival> arrivals, Predicate<Arrival> which) {
    return (double) arrivals.stream().filter(which).count() / arrivals.size();
  }
}
