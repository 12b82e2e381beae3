package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.ladder.LayerTable;
import java.util.List;
import java.util.Map;

/**
 * A ladder as it was chosen.
 *
 * @param layers factored ones, at their largest ranks
 * @param ranksByRung per rung, smallest first, per layer
 * @param tables of the factored layers, in their order
 * @param leftDense why each other layer stays as it is, by name
 */
record Chosen(
    List<DraftLayer> layers,
    List<List<Integer>> ranksByRung,
    List<LayerTable> tables,
    Map<String, String> leftDense) {

  Chosen {
    layers = List.copyOf(layers);
    ranksByRung = ranksByRung.stream().map(List::copyOf).toList();
    tables = List.copyOf(tables);
    leftDense = Map.copyOf(leftDense);
  }
}
