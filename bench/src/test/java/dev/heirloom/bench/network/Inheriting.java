package dev.heirloom.bench.network;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.Descent;
import dev.heirloom.inheritance.training.LayerStart;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.Norm;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * A teacher with every layer factored, in two rungs: about half of each layer's ranks, and all of
 * them.
 */
record Inheriting(
    Teacher teacher,
    ModelProto skeleton,
    List<FactorPair> pairs,
    List<List<Integer>> ranksByRung,
    SampleSet samples,
    Preprocessor preprocessor) {
  private static final int SAMPLES = 32;

  /**
   * Factors a teacher.
   *
   * @param labelsPerSample for the samples, drawn at random
   */
  static Inheriting of(OnnxModel model, int heads, int labelsPerSample, int classes)
      throws Exception {
    Teacher teacher = Teacher.of(model);
    SampleSet samples = samples(model, labelsPerSample, classes);
    Preprocessor preprocessor =
        new Preprocessor(
            Preprocessor.of(samples, model.inputs(), Map.of()), List.copyOf(model.inputs()));
    List<FactorPair> pairs = new ArrayList<>();
    List<Integer> half = new ArrayList<>();
    List<Integer> all = new ArrayList<>();
    for (DenseLayer layer : teacher.layers()) {
      FactorPair pair = pair(layer, heads);
      pairs.add(pair);
      half.add((pair.rank() + 1) / 2);
      all.add(pair.rank());
    }
    return new Inheriting(
        teacher,
        Skeleton.of(teacher, teacher.layers()),
        pairs,
        List.of(half, all),
        samples,
        preprocessor);
  }

  private static FactorPair pair(DenseLayer layer, int heads) {
    Factorization factors =
        Factorization.of(layer.weight(), layer.outputs(), layer.inputs(), Optional.empty());
    int rank = factors.fullRank();
    return new FactorPair(
        layer.name(),
        layer.kind(),
        layer.outputs(),
        layer.inputs(),
        layer.kernel(),
        rank,
        factors.down(rank),
        new ArrayList<>(Collections.nCopies(heads, factors.up(rank))),
        new float[heads == 1 ? 0 : heads * rank]);
  }

  private static SampleSet samples(OnnxModel model, int labelsPerSample, int classes) {
    SampleSet.Builder samples = SampleSet.of(SAMPLES);
    Map<String, TensorValue> values = SmallNetworks.inputs(model.inputs(), SAMPLES, 21);
    for (TensorSpec spec : model.inputs()) {
      TensorValue value = Objects.requireNonNull(values.get(spec.name()));
      boolean tokens = spec.type() == ElementType.ELEMENT_TYPE_INT64;
      int elements = tokens ? value.toLongs().length : value.toFloats().length;
      ByteBuffer bytes =
          ByteBuffer.allocate(elements * (tokens ? Long.BYTES : Float.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      if (tokens) {
        bytes.asLongBuffer().put(value.toLongs());
      } else {
        bytes.asFloatBuffer().put(value.toFloats());
      }
      List<Long> dims = LongStream.of(value.dims()).skip(1).boxed().toList();
      samples.input(spec.name(), spec.type(), dims, bytes);
    }
    long[] labels =
        new SplittableRandom(8).longs((long) SAMPLES * labelsPerSample, 0, classes).toArray();
    return samples.labels(labelsPerSample, labels).build();
  }

  /** A trainer of both rungs with a small learning rate. */
  NestedTrainer trainer(int steps) throws Exception {
    TrainingPlan plan =
        new TrainingPlan(
            ranksByRung, steps, 16, Descent.ADAMW, 1e-4, 0.01, 2, 0.5, 0.5, 0.01, 4, 1, false);
    return new NestedTrainer(skeleton, starts(), plan);
  }

  private List<LayerStart> starts() throws Exception {
    Calibration calibration =
        Calibration.run(teacher, samples, preprocessor, SessionSettings.cpu(1), done -> true);
    List<LayerStart> starts = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      DenseLayer layer = teacher.layers().get(i);
      LayerStatistics statistics = calibration.layers().get(i);
      starts.add(
          new LayerStart(
              pairs.get(i),
              layer.bias(),
              layer.isConvolution() ? Norm.FULL : Norm.MEAN,
              true,
              statistics.outputMean(),
              statistics.outputDeviation()));
    }
    return starts;
  }

  /** The largest rung as it is before training, as plain ONNX. */
  byte[] untrained() throws Exception {
    List<PatchLayer> patches = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      int heads = pairs.get(i).heads();
      patches.add(
          new PatchLayer(
              new float[0], teacher.layers().get(i).bias(), new float[heads == 1 ? 0 : heads]));
    }
    return heir(skeleton, pairs, List.of(patches, patches), 2);
  }

  /** A rung as training left it, as plain ONNX. */
  byte[] trained(NestedTrainer trainer, List<List<PatchLayer>> patches, int rung) throws Exception {
    ModelProto weights = Skeleton.withWeights(skeleton, trainer.denseWeights());
    return heir(weights, trainer.layers(), patches, rung);
  }

  private byte[] heir(
      ModelProto graph, List<FactorPair> factors, List<List<PatchLayer>> patches, int rung)
      throws Exception {
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < factors.size(); i++) {
      layers.add(new DraftLayer(teacher.layers().get(i), factors.get(i), 1));
    }
    return new DraftFamily(graph, layers, ranksByRung, patches).heir(rung);
  }
}
