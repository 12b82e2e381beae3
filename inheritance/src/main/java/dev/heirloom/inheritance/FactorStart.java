package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.HeadPerturbation;
import dev.heirloom.inheritance.factor.RandomFactors;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.runtime.family.FactorPair;
import java.util.ArrayList;
import java.util.List;

/**
 * The factors that a layer starts from: those of its decomposition, one up-projection per head, or
 * what an ablation asks for in their place.
 *
 * <p>With a gate of zeros every head weighs the same, so the layer equals the truncated
 * decomposition whatever the number of heads.
 */
final class FactorStart {

  private final MethodOptions method;
  private final int heads;
  private final long seed;

  FactorStart(MethodOptions method, int heads, long seed) {
    this.method = method;
    this.heads = heads;
    this.seed = seed;
  }

  DraftLayer of(DenseLayer layer, LayerStatistics statistics, Factorization factors, int rank) {
    long own = seed ^ layer.name().hashCode();
    float[] down = factors.down(rank);
    float[] up = factors.up(rank);
    if (!method.inherited()) {
      RandomFactors random =
          RandomFactors.like(layer.weight(), layer.outputs(), layer.inputs(), rank, own);
      down = random.down();
      up = random.up();
    }
    List<float[]> ups =
        method.sharedDown() || heads == 1
            ? HeadPerturbation.spread(up, heads, own)
            : shares(up, rank);
    FactorPair pair =
        new FactorPair(
            layer.name(),
            layer.kind(),
            layer.outputs(),
            layer.inputs(),
            layer.kernel(),
            rank,
            down,
            ups,
            heads == 1 ? new float[0] : new float[heads * rank]);
    return new DraftLayer(layer, pair, statistics.positions());
  }

  /**
   * Up-projections of heads that have down-projections of their own: head h sees the components k
   * with k mod H = h, so that every prefix holds a part of each.
   */
  private List<float[]> shares(float[] up, int rank) {
    List<float[]> ups = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      float[] own = new float[up.length];
      for (int i = 0; i < up.length; i++) {
        own[i] = i % rank % heads == head ? heads * up[i] : 0;
      }
      ups.add(own);
    }
    return ups;
  }
}
