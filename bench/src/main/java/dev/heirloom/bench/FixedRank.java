package dev.heirloom.bench;

import dev.heirloom.inheritance.factor.HeadPerturbation;
import dev.heirloom.inheritance.factor.RandomFactors;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.assembly.Padding;
import dev.heirloom.runtime.assembly.RungLayer;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An heir in which every layer that becomes smaller by it has one rank, with random factors: for
 * speed, to which the values do not matter.
 */
final class FixedRank {
  private FixedRank() {}

  /** Assembles the heir as a family's rung is. */
  static OnnxModel heir(OnnxModel model, int rank, int heads) throws MalformedException {
    Teacher teacher = Teacher.of(model);
    List<DenseLayer> layers =
        teacher.layers().stream()
            .filter(layer -> rank < Math.min(layer.outputs(), layer.inputs()))
            .filter(layer -> rank <= layer.breakEvenRank())
            .toList();
    Map<String, RungLayer> assembled = new HashMap<>();
    for (DenseLayer layer : layers) {
      assembled.put(layer.name(), layer(layer, rank, heads));
    }
    return HeirAssembler.assemble(Skeleton.of(teacher, layers), assembled, Padding.BLOCK);
  }

  private static RungLayer layer(DenseLayer layer, int rank, int heads) {
    RandomFactors factors =
        RandomFactors.like(layer.weight(), layer.outputs(), layer.inputs(), rank, rank);
    FactorPair pair =
        new FactorPair(
            layer.name(),
            layer.kind(),
            layer.outputs(),
            layer.inputs(),
            layer.kernel(),
            rank,
            factors.down(),
            HeadPerturbation.spread(factors.up(), heads, rank),
            new float[heads == 1 ? 0 : heads * rank]);
    float[] gateBias = new float[heads == 1 ? 0 : heads];
    return new RungLayer(pair, new PatchLayer(new float[0], layer.bias(), gateBias));
  }
}
