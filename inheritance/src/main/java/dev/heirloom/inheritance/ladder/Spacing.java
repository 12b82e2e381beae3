package dev.heirloom.inheritance.ladder;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Where points of a path lie between its ends: a point's place is the mean of how far its cost and
 * how far its parameters have come, both as logarithms, so that neighbours in a ladder differ in
 * what they cost and in what they hold.
 */
public final class Spacing {

  /** Neighbours that are nearer to each other leave no gap worth a rung. */
  private static final double SMALLEST_GAP = 0.04;

  private final double[] places;

  /**
   * Places the points of a path.
   *
   * @param costs of the points, strictly positive; made non-falling by this
   * @param parameters of the points, strictly positive; made non-falling by this
   */
  public Spacing(List<Double> costs, List<Double> parameters) {
    double[] byCost = shares(costs);
    double[] byParameters = shares(parameters);
    places = new double[byCost.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = (byCost[i] + byParameters[i]) / 2;
    }
  }

  /** How far each value has come from the first (0) to the last (1), as logarithms. */
  private static double[] shares(List<Double> values) {
    double[] shares = new double[values.size()];
    double reached = values.get(0);
    for (int i = 0; i < shares.length; i++) {
      reached = Math.max(reached, values.get(i));
      shares[i] = Math.log(reached / values.get(0));
    }
    double whole = shares[shares.length - 1];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = whole > 0 ? shares[i] / whole : 0;
    }
    return shares;
  }

  /**
   * The point nearest to the middle of the widest gap that has one.
   *
   * @param picked points that are taken, gaps lie between them
   * @param refused points that must not be taken
   * @return empty where no gap is wide enough or has a point that is not refused
   */
  public Optional<Integer> between(Collection<Integer> picked, Set<Integer> refused) {
    Optional<Integer> found = Optional.empty();
    double widest = SMALLEST_GAP;
    Integer low = null;
    for (int high : new TreeSet<>(picked)) {
      if (low != null && places[high] - places[low] > widest) {
        double target = (places[low] + places[high]) / 2;
        Optional<Integer> middle =
            IntStream.range(low + 1, high)
                .filter(index -> !refused.contains(index))
                .boxed()
                .min(Comparator.comparingDouble(index -> Math.abs(places[index] - target)));
        if (middle.isPresent()) {
          widest = places[high] - places[low];
          found = middle;
        }
      }
      low = high;
    }
    return found;
  }
}
