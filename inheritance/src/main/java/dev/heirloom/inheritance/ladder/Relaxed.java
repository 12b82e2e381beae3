package dev.heirloom.inheritance.ladder;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which layers would be dense first if every layer could be dense at some rungs: those whose loss
 * is felt and whose weight costs little, as of 1×1 shortcuts and first layers.
 */
public final class Relaxed {

  private Relaxed() {}

  /**
   * Follows the path of most error removed per cost, with the dense layer as every layer's last
   * option.
   *
   * @param share of the way from the cheapest heir to the dense network, 0..1
   * @return indices of the tables whose layer is dense where that share of the cost is spent
   */
  public static Set<Integer> dense(List<LayerTable> tables, Cost unit, double share) {
    List<LayerTable> open = new ArrayList<>();
    long least = 0;
    long most = 0;
    for (LayerTable table : tables) {
      List<LayerOption> options = new ArrayList<>(table.options());
      options.add(table.dense());
      open.add(new LayerTable(table.layer(), table.dense(), table.sensitivity(), options));
      least += table.options().get(0).cost(unit);
      most += table.dense().cost(unit);
    }
    double spent = least + share * (most - least);
    List<Integer> last = RankPath.within(RankPath.greedy(open, unit), spent).ranks();
    Set<Integer> dense = new LinkedHashSet<>();
    for (int i = 0; i < tables.size(); i++) {
      if (last.get(i) == tables.get(i).dense().rank()) {
        dense.add(i);
      }
    }
    return dense;
  }
}
