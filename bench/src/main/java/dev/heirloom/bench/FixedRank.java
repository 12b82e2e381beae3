package dev.heirloom.bench;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.draft.LayerTiming;
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
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * An heir in which every layer that becomes smaller by it has one rank, with random factors: for
 * speed, to which the values do not matter.
 */
final class FixedRank {
  private FixedRank() {}

  /** Gated heads in every layer. */
  static OnnxModel heir(OnnxModel model, int rank, int heads) throws MalformedException {
    Teacher teacher = Teacher.of(model);
    return assembled(teacher, layers(teacher, rank), rank, layer -> heads, Map.of());
  }

  /** Gated heads in the layers that are smaller and faster with them than dense, one elsewhere. */
  static OnnxModel gatedWhereFaster(OnnxModel model, int rank, int heads)
      throws IOException, MalformedException, SessionException {
    Teacher teacher = Teacher.of(model);
    Map<String, long[]> shapes = Macs.shapes(teacher.folded(), one(model), SessionSettings.cpu(1));
    LayerTiming timing = new LayerTiming(SessionSettings.cpu(1));
    Map<String, Integer> chosen = new HashMap<>();
    Map<String, List<Long>> spatial = new HashMap<>();
    for (DenseLayer layer : layers(teacher, rank)) {
      long[] input = Objects.requireNonNull(shapes.get(layer.inputTensor()));
      LayerTiming.Times times =
          timing.measure(layer, layer(layer, rank, heads).pair(), input, List.of(rank));
      boolean gains =
          times.factoredNs(rank) < times.denseNs()
              && DraftLayer.parameters(layer, heads, rank)
                  < (long) layer.outputs() * layer.inputs();
      chosen.put(layer.name(), gains ? heads : 1);
      long[] output = Objects.requireNonNull(shapes.get(layer.outputTensor()));
      spatial.put(layer.outputTensor(), Arrays.stream(output).skip(2).boxed().toList());
    }
    return assembled(
        teacher,
        layers(teacher, rank),
        rank,
        layer -> Objects.requireNonNull(chosen.get(layer.name())),
        spatial);
  }

  private static Map<String, TensorValue> one(OnnxModel model) {
    Map<String, TensorValue> values = new HashMap<>();
    for (TensorSpec input : model.inputs()) {
      long[] dims = input.dims().stream().mapToLong(dim -> Math.max(1, dim)).toArray();
      int elements = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
      values.put(input.name(), TensorValue.floats(new float[elements], dims));
    }
    return values;
  }

  private static List<DenseLayer> layers(Teacher teacher, int rank) {
    return teacher.layers().stream()
        .filter(layer -> rank < Math.min(layer.outputs(), layer.inputs()))
        .filter(layer -> rank <= layer.breakEvenRank())
        .toList();
  }

  private static OnnxModel assembled(
      Teacher teacher,
      List<DenseLayer> layers,
      int rank,
      ToIntFunction<DenseLayer> heads,
      Map<String, List<Long>> spatial)
      throws MalformedException {
    Map<String, RungLayer> assembled = new HashMap<>();
    for (DenseLayer layer : layers) {
      assembled.put(layer.name(), layer(layer, rank, heads.applyAsInt(layer)));
    }
    return HeirAssembler.assemble(Skeleton.of(teacher, layers, spatial), assembled, Padding.BLOCK);
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
