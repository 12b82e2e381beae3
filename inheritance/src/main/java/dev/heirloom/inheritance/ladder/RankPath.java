package dev.heirloom.inheritance.ladder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A monotone path through the ranks of all layers, from the smallest heir to the largest. */
public final class RankPath {

  /** Shares of a layer's largest rank that the uniform path goes through. */
  private static final int UNIFORM_STEPS = 64;

  private RankPath() {}

  /**
   * One point of the path.
   *
   * @param ranks per layer, in the order of the tables
   * @param error expected damage at the output, in the unit of the sensitivities
   * @param parameters of all factored layers
   * @param macs of all factored layers, for one sample
   * @param cost of all factored layers, in the path's unit
   */
  public record Point(List<Integer> ranks, double error, long parameters, long macs, long cost) {
    public Point {
      ranks = List.copyOf(ranks);
    }
  }

  /** Returns the last point that costs no more; the first where all cost more. */
  public static Point within(List<Point> path, double cost) {
    Point last = path.get(0);
    for (Point point : path) {
      if (point.cost() <= cost) {
        last = point;
      }
    }
    return last;
  }

  /**
   * Returns the path on which each step raises one layer by the jump that removes the most error
   * per unit of cost; costs rise strictly and ranks never fall.
   */
  public static List<Point> greedy(List<LayerTable> tables, Cost unit) {
    long[][] costs = costs(tables, unit);
    int[] choice = new int[tables.size()];
    List<Point> path = new ArrayList<>();
    path.add(point(tables, costs, choice));
    while (true) {
      int bestLayer = -1;
      int bestOption = 0;
      double bestGain = -1;
      for (int layer = 0; layer < choice.length; layer++) {
        LayerTable table = tables.get(layer);
        for (int option = choice[layer] + 1; option < table.options().size(); option++) {
          double removed = table.error(choice[layer]) - table.error(option);
          long added = costs[layer][option] - costs[layer][choice[layer]];
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
      path.add(point(tables, costs, choice));
    }
  }

  /** Returns the path on which every layer has the same share of its largest rank. */
  public static List<Point> uniform(List<LayerTable> tables, Cost unit) {
    long[][] costs = costs(tables, unit);
    List<Point> path = new ArrayList<>();
    int[] before = {};
    for (int step = 0; step <= UNIFORM_STEPS; step++) {
      int[] choice = new int[tables.size()];
      for (int layer = 0; layer < choice.length; layer++) {
        choice[layer] = nearest(tables.get(layer), (double) step / UNIFORM_STEPS);
      }
      if (!Arrays.equals(choice, before)) {
        path.add(point(tables, costs, choice));
        before = choice;
      }
    }
    return path;
  }

  /** The option whose rank is nearest to a share of the way from the smallest to the largest. */
  private static int nearest(LayerTable table, double share) {
    List<LayerOption> options = table.options();
    int smallest = options.get(0).rank();
    double wanted = smallest + share * (options.get(options.size() - 1).rank() - smallest);
    int nearest = 0;
    for (int i = 1; i < options.size(); i++) {
      if (Math.abs(options.get(i).rank() - wanted)
          < Math.abs(options.get(nearest).rank() - wanted)) {
        nearest = i;
      }
    }
    return nearest;
  }

  private static long[][] costs(List<LayerTable> tables, Cost unit) {
    return tables.stream().map(table -> table.costs(unit)).toArray(long[][]::new);
  }

  private static Point point(List<LayerTable> tables, long[][] costs, int[] choice) {
    List<LayerOption> chosen =
        IntStream.range(0, choice.length)
            .mapToObj(layer -> tables.get(layer).options().get(choice[layer]))
            .toList();
    double error = 0;
    long cost = 0;
    for (int layer = 0; layer < choice.length; layer++) {
      error += tables.get(layer).error(choice[layer]);
      cost += costs[layer][choice[layer]];
    }
    return new Point(
        chosen.stream().map(LayerOption::rank).toList(),
        error,
        chosen.stream().mapToLong(LayerOption::parameters).sum(),
        chosen.stream().mapToLong(LayerOption::macs).sum(),
        cost);
  }
}
