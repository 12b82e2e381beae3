package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A ladder whose ranks are known beforehand, as from an earlier family of the same network. */
final class GivenLadder {

  private final Teacher teacher;
  private final Calibration calibration;
  private final InheritOptions options;
  private final int heads;

  GivenLadder(Teacher teacher, Calibration calibration, InheritOptions options, int heads) {
    this.teacher = teacher;
    this.calibration = calibration;
    this.options = options;
    this.heads = heads;
  }

  /**
   * Takes the ranks.
   *
   * @throws RefusedException where a layer is not there, or ranks fall or are too large
   */
  Chosen of(Map<DenseLayer, Factorization> factors) throws RefusedException {
    List<Map<String, Integer>> rungs = options.ladder().given();
    Set<String> names = rungs.get(0).keySet();
    Set<String> known = new HashSet<>();
    Map<String, String> leftDense = new LinkedHashMap<>(teacher.leftDense());
    FactorStart start = new FactorStart(options.method(), heads, options.seed());
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      DenseLayer layer = teacher.layers().get(i);
      if (!names.contains(layer.name())) {
        leftDense.put(layer.name(), "the given ladder leaves it dense");
        continue;
      }
      Factorization decomposed = factors.get(layer);
      int largest = checked(layer, decomposed == null ? 0 : decomposed.largestRank(), rungs);
      if (decomposed == null) {
        throw new IllegalStateException("a rank was found for a layer without factors");
      }
      layers.add(start.of(layer, calibration.layers().get(i), decomposed, largest));
      known.add(layer.name());
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw new RefusedException(
            "ladder: the teacher has no layer " + name,
            List.of("Take the ladder from a family of the same network."));
      }
    }
    List<List<Integer>> ranks =
        rungs.stream()
            .map(
                rung ->
                    layers.stream()
                        .map(layer -> Objects.requireNonNull(rung.get(layer.dense().name())))
                        .toList())
            .toList();
    return new Chosen(layers, ranks, List.of(), leftDense);
  }

  /** The layer's largest rank, after a look at all. */
  private static int checked(DenseLayer layer, int most, List<Map<String, Integer>> rungs)
      throws RefusedException {
    int least = 1;
    for (Map<String, Integer> rung : rungs) {
      Integer rank = rung.get(layer.name());
      if (rank == null || rank < least || rank > most) {
        throw new RefusedException(
            "ladder: rank %s of layer %s (expected: %d..%d, never falling)"
                .formatted(rank, layer.name(), least, most),
            List.of());
      }
      least = rank;
    }
    return least;
  }
}
