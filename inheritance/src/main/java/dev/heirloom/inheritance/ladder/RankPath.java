package dev.heirloom.inheritance.ladder;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A monotone path through the ranks of all layers, from the smallest heir to the largest: each step
 * raises one layer by the jump that removes the most error per nanosecond.
 */
public final class RankPath {

  private RankPath() {}

  /**
   * One point of the path.
   *
   * @param ranks per layer, in the order of the tables
   * @param error expected damage at the output, in the unit of the sensitivities
   * @param parameters of all factor pairs
   * @param costNs measured time of all factored layers
   */
  public record Point(List<Integer> ranks, double error, long parameters, long costNs) {
    public Point {
      ranks = List.copyOf(ranks);
    }
  }

  /** Returns the greedy path; costs and ranks rise strictly, respectively never fall. */
  public static List<Point> greedy(List<LayerTable> tables) {
    int[] choice = new int[tables.size()];
    List<Point> path = new ArrayList<>();
    path.add(point(tables, choice));
    while (true) {
      int bestLayer = -1;
      int bestOption = 0;
      double bestGain = -1;
      for (int layer = 0; layer < choice.length; layer++) {
        LayerTable table = tables.get(layer);
        for (int option = choice[layer] + 1; option < table.options().size(); option++) {
          double removed = table.error(choice[layer]) - table.error(option);
          long added =
              table.options().get(option).costNs() - table.options().get(choice[layer]).costNs();
          if (removed / added > bestGain) {
            bestGain = removed / added;
            bestLayer = layer;
            bestOption = option;
          }
        }
      }
      if (bestLayer < 0) {
        return path;
      }
      choice[bestLayer] = bestOption;
      path.add(point(tables, choice));
    }
  }

  /** Returns the path on which every layer has the same share of its options at each point. */
  public static List<Point> uniform(List<LayerTable> tables) {
    int steps = tables.stream().mapToInt(table -> table.options().size()).max().orElseThrow();
    List<Point> path = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      int[] choice = new int[tables.size()];
      for (int layer = 0; layer < choice.length; layer++) {
        int last = tables.get(layer).options().size() - 1;
        choice[layer] = steps == 1 ? 0 : Math.round((float) last * step / (steps - 1));
      }
      path.add(point(tables, choice));
    }
    return path;
  }

  private static Point point(List<LayerTable> tables, int[] choice) {
    List<LayerOption> chosen =
        IntStream.range(0, choice.length)
            .mapToObj(layer -> tables.get(layer).options().get(choice[layer]))
            .toList();
    double error = 0;
    for (int layer = 0; layer < choice.length; layer++) {
      error += tables.get(layer).error(choice[layer]);
    }
    return new Point(
        chosen.stream().map(LayerOption::rank).toList(),
        error,
        chosen.stream().mapToLong(LayerOption::parameters).sum(),
        chosen.stream().mapToLong(LayerOption::costNs).sum());
  }

  /**
   * Picks points whose cost is spread evenly on a log scale, the first and the last included.
   *
   * @param costs of the points of a path, strictly positive; made non-falling by this
   * @param number how many, from 1; fewer come back where the path has fewer
   * @return indices into the path, ascending
   */
  public static List<Integer> spread(List<Double> costs, int number) {
    double[] rising = new double[costs.size()];
    for (int i = 0; i < rising.length; i++) {
      rising[i] = i == 0 ? costs.get(0) : Math.max(rising[i - 1], costs.get(i));
    }
    int last = rising.length - 1;
    if (number == 1) {
      return List.of(last);
    }
    double low = Math.log(rising[0]);
    double high = Math.log(rising[last]);
    List<Integer> picked = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      double target = low + (high - low) * i / (number - 1);
      int nearest = 0;
      for (int k = 1; k <= last; k++) {
        if (Math.abs(Math.log(rising[k]) - target) < Math.abs(Math.log(rising[nearest]) - target)) {
          nearest = k;
        }
      }
      picked.add(i == 0 ? 0 : i == number - 1 ? last : nearest);
    }
    return picked.stream().distinct().sorted().toList();
  }
}
