package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;

/** Patches of a layer before any training or recalibration. */
final class StartingPatch {

  private StartingPatch() {}

  /** The teacher's bias. */
  static PatchLayer plain(DraftLayer layer) {
    return new PatchLayer(new float[0], layer.dense().bias(), gateBias(layer));
  }

  /**
   * The bias that keeps the layer's mean output although its rank is cut: {@code b + (W − UV)μ} for
   * mean input μ.
   */
  static PatchLayer of(DraftLayer layer, LayerStatistics statistics, int rank) {
    FactorPair pair = layer.pair();
    double[] mean = statistics.inputMean();
    float[] down = pair.down();
    double[] z = new double[rank];
    for (int k = 0; k < rank; k++) {
      for (int i = 0; i < mean.length; i++) {
        z[k] += down[k * mean.length + i] * mean[i];
      }
    }
    float[] weight = layer.dense().weight();
    float[] bias = layer.dense().bias();
    for (int head = 0; head < pair.heads(); head++) {
      float[] up = pair.up(head);
      for (int o = 0; o < bias.length; o++) {
        double kept = 0;
        for (int k = 0; k < rank; k++) {
          kept += up[o * pair.rank() + k] * z[k];
        }
        bias[o] -= (float) (kept / pair.heads());
      }
    }
    for (int o = 0; o < bias.length; o++) {
      double whole = 0;
      for (int i = 0; i < mean.length; i++) {
        whole += weight[o * mean.length + i] * mean[i];
      }
      bias[o] += (float) whole;
    }
    return new PatchLayer(new float[0], bias, gateBias(layer));
  }

  private static float[] gateBias(DraftLayer layer) {
    int heads = layer.pair().heads();
    return new float[heads == 1 ? 0 : heads];
  }
}
