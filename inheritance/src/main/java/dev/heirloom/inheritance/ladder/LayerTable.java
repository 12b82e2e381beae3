package dev.heirloom.inheritance.ladder;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The ranks that one layer may take, smallest first; costs never fall from one to the next.
 *
 * @param layer name
 * @param denseCostNs measured time of the layer as it was
 * @param sensitivity how much losing all of this layer's output energy would cost at the model's
 *     output
 * @param options at least one
 */
public record LayerTable(
    String layer, long denseCostNs, double sensitivity, List<LayerOption> options) {

  public LayerTable {
    if (options.isEmpty()) {
      throw new IllegalArgumentException("options: none for layer " + layer);
    }
    List<LayerOption> sorted = new ArrayList<>(options);
    sorted.sort(Comparator.comparingInt(LayerOption::rank));
    long cost = 0;
    for (int i = 0; i < sorted.size(); i++) {
      LayerOption option = sorted.get(i);
      cost = Math.max(option.costNs(), cost + 1);
      sorted.set(i, new LayerOption(option.rank(), option.lostEnergy(), option.parameters(), cost));
    }
    options = List.copyOf(sorted);
  }

  /** Expected damage at the model's output at one option. */
  public double error(int option) {
    return sensitivity * options.get(option).lostEnergy();
  }
}
