package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;

/**
 * A layer that gains from being factored.
 *
 * @param layer its factors at the largest rank of the table
 * @param statistics what calibration learnt of it
 * @param factors its whole decomposition
 * @param table the ranks that it may take
 */
record Candidate(
    DraftLayer layer, LayerStatistics statistics, Factorization factors, LayerTable table) {

  DenseLayer dense() {
    return layer.dense();
  }
}
