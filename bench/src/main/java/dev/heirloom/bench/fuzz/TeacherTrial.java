package dev.heirloom.bench.fuzz;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an inheritance does with a teacher, in short: read, check, fold, find layers, factor them,
 * assemble two rungs, count; and, where the runtime is asked too, calibrate and run.
 */
public final class TeacherTrial {
  private static final int MOST_LAYERS = 6;
  private static final long MOST_ELEMENTS = 1 << 16;
  private static final int SAMPLES = 2;

  private TeacherTrial() {}

  /** How far a file came. */
  public enum Outcome {
    /** Read and assembled. */
    ASSEMBLED,
    /** Run by the runtime, too, whole and as two rungs. */
    RUN
  }

  /**
   * Tries one file.
   *
   * @param withRuntime whether ONNX Runtime sees what passes the checks
   * @throws MalformedException where the file is refused, with the reason
   * @throws SessionException where the runtime refuses it
   */
  public static Outcome of(Path file, boolean withRuntime)
      throws IOException, MalformedException, SessionException {
    Teacher teacher = Teacher.read(file);
    List<DenseLayer> layers = teacher.layers().stream().limit(MOST_LAYERS).toList();
    Optional<SampleSet> samples = withRuntime ? samples(teacher) : Optional.empty();
    if (samples.isEmpty()) {
      assemble(
          teacher, layers.stream().map(layer -> new DraftLayer(layer, plain(layer), 1)).toList());
      Macs.of(teacher.folded(), guessedShapes(teacher));
      return Outcome.ASSEMBLED;
    }
    Preprocessor preprocessor =
        new Preprocessor(
            Preprocessor.of(samples.get(), teacher.inputs(), Map.of()), teacher.inputs());
    run(teacher.original().bytes(), preprocessor, samples.get());
    SessionSettings settings = SessionSettings.cpu(1);
    Calibration calibration =
        Calibration.run(teacher, samples.get(), preprocessor, settings, done -> true);
    List<DraftLayer> factored = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      DenseLayer layer = layers.get(i);
      Factorization factors =
          Factorization.of(
              layer.weight(),
              layer.outputs(),
              layer.inputs(),
              Optional.of(calibration.layers().get(i).metric()));
      int rank = rank(layer);
      factored.add(
          new DraftLayer(
              layer,
              pair(layer, rank, factors.down(rank), factors.up(rank)),
              calibration.layers().get(i).positions()));
    }
    Macs.measure(teacher.folded(), preprocessor.batch(samples.get(), new int[] {0}), settings);
    for (byte[] heir : assemble(teacher, factored)) {
      run(heir, preprocessor, samples.get());
    }
    return Outcome.RUN;
  }

  private static void run(byte[] model, Preprocessor preprocessor, SampleSet samples)
      throws SessionException {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      session.run(preprocessor.batch(samples, new int[] {0, 1}));
    }
  }

  /** Both rungs of a family of two, at ranks 1 and 2 where there are so many. */
  private static List<byte[]> assemble(Teacher teacher, List<DraftLayer> layers)
      throws IOException, MalformedException {
    List<PatchLayer> patches =
        layers.stream()
            .map(layer -> new PatchLayer(new float[0], layer.dense().bias(), new float[0]))
            .toList();
    DraftFamily draft =
        new DraftFamily(
            Skeleton.of(teacher, layers.stream().map(DraftLayer::dense).toList()),
            layers,
            List.of(
                layers.stream().map(layer -> 1).toList(),
                layers.stream().map(layer -> layer.pair().rank()).toList()),
            List.of(patches, patches));
    draft.macs(1, 0);
    draft.parameters(2);
    return List.of(draft.heir(1), draft.heir(2));
  }

  private static int rank(DenseLayer layer) {
    return Math.min(2, Math.min(layer.outputs(), layer.inputs()));
  }

  private static FactorPair plain(DenseLayer layer) {
    int rank = rank(layer);
    float[] weight = layer.weight();
    float[] down = Arrays.copyOf(weight, rank * layer.inputs());
    return pair(layer, rank, down, new float[layer.outputs() * rank]);
  }

  private static FactorPair pair(DenseLayer layer, int rank, float[] down, float[] up) {
    return new FactorPair(
        layer.name(),
        layer.kind(),
        layer.outputs(),
        layer.inputs(),
        layer.kernel(),
        rank,
        down,
        List.of(up),
        new float[0]);
  }

  /** Every tensor that a count asks for, as a vector: the count may be wrong, not fail. */
  private static Map<String, long[]> guessedShapes(Teacher teacher) {
    Map<String, long[]> shapes = new HashMap<>();
    Macs.observed(teacher.folded()).forEach(name -> shapes.put(name, new long[] {1, 3}));
    return shapes;
  }

  /** Two samples of ones and zeros; none where they would be too large to be worth a run. */
  private static Optional<SampleSet> samples(Teacher teacher) {
    SampleSet.Builder set = SampleSet.of(SAMPLES);
    for (TensorSpec input : teacher.inputs()) {
      List<Long> dims = input.sampleDims().stream().map(dim -> dim < 0 ? 4L : dim).toList();
      long elements = dims.stream().reduce(1L, Math::multiplyExact);
      if (elements > MOST_ELEMENTS) {
        return Optional.empty();
      }
      int count = Math.toIntExact(SAMPLES * elements);
      byte[] values = new byte[count * ElementTypes.bytes(input.type())];
      for (int i = 0; i < count; i++) {
        if (input.type() == ElementType.ELEMENT_TYPE_FLOAT32 && i % 3 != 0) {
          values[4 * i + 2] = (byte) 0x80;
          values[4 * i + 3] = 0x3f;
        }
      }
      set.input(input.name(), input.type(), dims, ByteBuffer.wrap(values));
    }
    return Optional.of(set.labels(1, new long[SAMPLES]).build());
  }
}
