package dev.heirloom.inheritance.ladder;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The ranks that one layer may take, smallest first.
 *
 * @param layer name
 * @param dense the layer as it was; its rank is the full one and it loses nothing
 * @param sensitivity how much losing all of this layer's output energy would cost at the model's
 *     output
 * @param options at least one
 */
public record LayerTable(
    String layer, LayerOption dense, double sensitivity, List<LayerOption> options) {

  public LayerTable {
    if (options.isEmpty()) {
      throw new IllegalArgumentException("options: none for layer " + layer);
    }
    List<LayerOption> sorted = new ArrayList<>(options);
    sorted.sort(Comparator.comparingInt(LayerOption::rank));
    options = List.copyOf(sorted);
  }

  /** Expected damage at the model's output at one option. */
  public double error(int option) {
    return sensitivity * options.get(option).lostEnergy();
  }

  /** Prices of the options, rising: noise of a measurement never makes a larger rank cheaper. */
  public long[] costs(Cost unit) {
    long[] costs = new long[options.size()];
    long least = 0;
    for (int i = 0; i < costs.length; i++) {
      costs[i] = Math.max(options.get(i).cost(unit), least + 1);
      least = costs[i];
    }
    return costs;
  }
}
