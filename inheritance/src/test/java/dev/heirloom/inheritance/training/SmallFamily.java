package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A small teacher whose layers are factored exactly: V is the identity's rows, U the weight. */
record SmallFamily(
    Teacher teacher,
    ModelProto skeleton,
    List<DenseLayer> dense,
    List<LayerStart> starts,
    Norm norm,
    SampleSet samples,
    Preprocessor preprocessor) {

  static OnnxModel convolutionalModel() throws Exception {
    return new TinyModels(5)
        .input("x", -1, 3, 8, 8)
        .block("x", "a", 3, 16, 1)
        .block("a", "b", 16, 16, 2)
        .node("GlobalAveragePool", List.of("b"), "p")
        .node("Flatten", List.of("p"), "f")
        .weight("w", 0.5, SmallSets.CLASSES, 16)
        .weight("bias", 0.1, SmallSets.CLASSES)
        .node("Gemm", List.of("f", "w", "bias"), "y", intAttribute("transB", 1))
        .output("y", -1, SmallSets.CLASSES)
        .build();
  }

  static SmallFamily convolutions(Norm norm, int heads) throws Exception {
    return of(convolutionalModel(), norm, heads, SmallSets.patterns(256, 1, 3, 8, 8));
  }

  static SmallFamily linear(Norm norm, int heads) throws Exception {
    OnnxModel model =
        new TinyModels(5)
            .input("x", -1, 24)
            .weight("w1", 0.3, 24, 20)
            .weight("b1", 0.1, 20)
            .node("MatMul", List.of("x", "w1"), "m")
            .node("Add", List.of("m", "b1"), "s")
            .node("Relu", List.of("s"), "r")
            .weight("w2", 0.3, 20, 20)
            .node("MatMul", List.of("r", "w2"), "t")
            .node("Tanh", List.of("t"), "h")
            .weight("w", 0.5, 20, SmallSets.CLASSES)
            .node("MatMul", List.of("h", "w"), "y")
            .output("y", -1, SmallSets.CLASSES)
            .build();
    return of(model, norm, heads, SmallSets.patterns(256, 1, 24));
  }

  private static SmallFamily of(OnnxModel model, Norm norm, int heads, SampleSet samples)
      throws Exception {
    Teacher teacher = Teacher.of(model);
    List<DenseLayer> dense = teacher.layers().stream().limit(2).toList();
    List<LayerStart> starts = new ArrayList<>();
    for (DenseLayer layer : dense) {
      starts.add(start(exact(layer, heads), layer.bias(), norm));
    }
    return new SmallFamily(
        teacher,
        Skeleton.of(teacher, dense),
        dense,
        starts,
        norm,
        samples,
        SmallSets.preprocessor(model, samples));
  }

  private static LayerStart start(FactorPair pair, float[] bias, Norm norm) {
    float[] ones = new float[bias.length];
    Arrays.fill(ones, 1);
    return new LayerStart(pair, bias, norm, true, bias, ones);
  }

  /** A start from other factors of a layer. */
  LayerStart start(FactorPair pair, int layer) {
    return start(pair, dense.get(layer).bias(), norm);
  }

  private static FactorPair exact(DenseLayer layer, int heads) {
    int inputs = layer.inputs();
    float[] down = new float[inputs * inputs];
    for (int i = 0; i < inputs; i++) {
      down[i * inputs + i] = 1;
    }
    SplittableRandom random = new SplittableRandom(8);
    List<float[]> ups = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      float[] up = layer.weight();
      for (int i = 0; heads > 1 && i < up.length; i++) {
        up[i] += (float) (0.05 * random.nextGaussian());
      }
      ups.add(up);
    }
    return new FactorPair(
        layer.name(),
        layer.kind(),
        layer.outputs(),
        inputs,
        layer.kernel(),
        inputs,
        down,
        ups,
        new float[heads == 1 ? 0 : heads * inputs]);
  }

  /** Two rungs: a third of the inputs, and all of them. */
  TrainingPlan plan(int steps) {
    List<Integer> all = starts.stream().map(s -> s.pair().rank()).toList();
    List<Integer> third = all.stream().map(rank -> rank / 3).toList();
    return new TrainingPlan(
        List.of(third, all), steps, 32, Descent.SGD, 0.05, 5e-4, 2, 0.5, 0.5, 0.01, 4, 1, false);
  }

  NestedTrainer trainer(TrainingPlan plan) throws TrainingException {
    return new NestedTrainer(skeleton, starts, plan);
  }

  /** One rung as plain ONNX. */
  byte[] heir(NestedTrainer trainer, List<List<PatchLayer>> patches, int rung) throws Exception {
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < dense.size(); i++) {
      layers.add(new DraftLayer(dense.get(i), trainer.layers().get(i), 1));
    }
    ModelProto trained = Skeleton.withWeights(skeleton, trainer.denseWeights());
    return new DraftFamily(trained, layers, plan(0).ranksByRung(), patches).heir(rung);
  }
}
