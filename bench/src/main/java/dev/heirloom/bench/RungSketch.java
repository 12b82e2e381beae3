package dev.heirloom.bench;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.HeadPerturbation;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A family of three rungs that nobody trained: every layer at a quarter, a half and three quarters
 * of its break-even rank, with patches that differ from rung to rung. Heads have a gate that is the
 * same for every input, so that a rung is one linear map per layer.
 *
 * @param layers at their largest ranks
 * @param ranks per rung, smallest first, per layer
 * @param patches per rung, per layer
 */
record RungSketch(
    Teacher teacher,
    List<DraftLayer> layers,
    List<List<Integer>> ranks,
    List<List<PatchLayer>> patches) {
  private static final int RUNGS = 3;

  RungSketch {
    layers = List.copyOf(layers);
    ranks = ranks.stream().map(List::copyOf).toList();
    patches = patches.stream().map(List::copyOf).toList();
  }

  static RungSketch of(Teacher teacher, Calibration calibration, int heads, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      DenseLayer layer = teacher.layers().get(i);
      int rank = rank(layer, RUNGS);
      Factorization factors =
          Factorization.of(layer.weight(), layer.outputs(), layer.inputs(), Optional.empty());
      FactorPair pair =
          new FactorPair(
              layer.name(),
              layer.kind(),
              layer.outputs(),
              layer.inputs(),
              layer.kernel(),
              rank,
              factors.down(rank),
              HeadPerturbation.spread(factors.up(rank), heads, seed + i),
              new float[heads == 1 ? 0 : heads * rank]);
      layers.add(new DraftLayer(layer, pair, calibration.layers().get(i).positions()));
    }
    List<List<Integer>> ranks = new ArrayList<>();
    List<List<PatchLayer>> patches = new ArrayList<>();
    for (int rung = 1; rung <= RUNGS; rung++) {
      int at = rung;
      ranks.add(layers.stream().map(layer -> rank(layer.dense(), at)).toList());
      patches.add(layers.stream().map(layer -> patch(layer.dense(), heads, random)).toList());
    }
    return new RungSketch(teacher, layers, ranks, patches);
  }

  private static int rank(DenseLayer layer, int rung) {
    return Math.max(1, layer.breakEvenRank() * rung / (RUNGS + 1));
  }

  private static PatchLayer patch(DenseLayer layer, int heads, SplittableRandom random) {
    float[] scale = new float[layer.outputs()];
    float[] bias = layer.bias();
    for (int o = 0; o < scale.length; o++) {
      scale[o] = (float) random.nextDouble(0.9, 1.1);
      bias[o] += (float) (0.01 * random.nextGaussian());
    }
    float[] gates = new float[heads == 1 ? 0 : heads];
    for (int h = 0; h < gates.length; h++) {
      gates[h] = (float) random.nextGaussian();
    }
    return new PatchLayer(scale, bias, gates);
  }

  DraftFamily draft() throws IOException {
    return new DraftFamily(
        Skeleton.of(teacher, layers.stream().map(DraftLayer::dense).toList()),
        layers,
        ranks,
        patches);
  }

  int rungs() {
    return ranks.size();
  }
}
