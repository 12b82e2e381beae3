package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Trains all rungs of a family with one set of factors: each step trains the largest rung, the
 * smallest and one drawn at random on the same batch. A network without factored layers is trained
 * as it is. Belongs to one thread; holds native memory until it is closed.
 */
public final class NestedTrainer implements AutoCloseable {
  /** A gradient longer than this, over all weights together, is shortened. */
  private static final double LARGEST_GRADIENT = 5;

  /** Samples that stored normalisation statistics are taken from. */
  private static final int STATISTICS_SAMPLES = 2000;

  private static final int STATISTICS_BATCH = 250;

  /** Hears how training goes, and may end it. */
  public interface Listener {
    /**
     * A step was done.
     *
     * @param loss mean over the step's rungs
     */
    void step(long done, long total, double loss);

    /** Asked before each step; true ends training. */
    boolean cancelled();

    /**
     * The training stands between two steps, and may be written.
     *
     * @param last whether it ends here: all steps are done, or it was cancelled
     */
    default void standing(TrainingState state, boolean last) {}

    /** Something worth a line was found out. */
    default void note(String line) {}
  }

  private final TrainingPlan plan;
  private final Device device;
  private final Weights weights;
  private final List<FactorLayer> layers = new ArrayList<>();
  private final Network network;
  private final Scores scores;
  private Precision precision;
  private boolean labelsChecked;

  /**
   * Prepares training.
   *
   * @param skeleton a graph in which each factored layer is a node {@code FactorPair}, with the
   *     values of all other initializers
   * @param starts one per factored layer, in the order of the plan's ranks
   * @throws TrainingException if the graph cannot be interpreted
   */
  public NestedTrainer(ModelProto skeleton, List<LayerStart> starts, TrainingPlan plan)
      throws TrainingException {
    this.plan = plan;
    checkRanks(starts, plan);
    torch.set_num_threads(plan.threads());
    device = new Device(plan.cuda() ? DeviceType.CUDA : DeviceType.CPU).retainReference();
    precision = Precision.of(plan.arithmetic(), plan.cuda());
    weights = new Weights(device);
    scores = Scores.of(skeleton.getGraph());
    try (PointerScope scope = new PointerScope()) {
      Map<String, FactorLayer> byName = new LinkedHashMap<>();
      for (int i = 0; i < starts.size(); i++) {
        int layer = i;
        int[] ranks = plan.ranksByRung().stream().mapToInt(r -> r.get(layer)).toArray();
        layers.add(new FactorLayer(i, starts.get(i), ranks, weights));
        byName.put(starts.get(i).pair().name(), layers.get(i));
      }
      network = new Network(skeleton, byName, weights, Set.of(scores.logits()));
    } catch (TrainingException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static void checkRanks(List<LayerStart> starts, TrainingPlan plan) {
    List<Integer> largest = plan.ranksByRung().get(plan.rungs() - 1);
    if (largest.size() != starts.size()) {
      throw new IllegalArgumentException(
          "layers: " + starts.size() + " (expected: " + largest.size() + ")");
    }
    for (int i = 0; i < starts.size(); i++) {
      if (largest.get(i) > starts.get(i).pair().rank()) {
        throw new IllegalArgumentException(
            "rank: " + largest.get(i) + " (expected: 1.." + starts.get(i).pair().rank() + ")");
      }
    }
  }

  /** What keeps libtorch from computing on a CUDA device; empty where nothing does. */
  public static Optional<String> cudaMissing() {
    if (torch.cuda_is_available()) {
      return Optional.empty();
    }
    String library = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so";
    boolean built = torch.class.getResource(library) != null;
    return Optional.of(
        built
            ? "libtorch has CUDA, but finds no GPU, no driver or no CUDA 13 and cuDNN 9 libraries"
            : "this build's libtorch has no CUDA (expected: a build with -Pcuda)");
  }

  /** The first operator of a graph that cannot be trained through, if there is one. */
  public static Optional<String> unknownOperator(ModelProto model) {
    return model.getGraph().getNodeList().stream()
        .filter(n -> !Operators.isFactorPair(n) && Operators.of(n).isEmpty())
        .map(Operators::name)
        .findFirst();
  }

  /**
   * Trains for the plan's number of steps, or until the listener ends it.
   *
   * @param samples labelled; with one label per sample or, for {@code TASK_NEXT_TOKEN}, per
   *     position
   * @param teacher absent: the labels alone are learnt
   * @return steps done
   * @throws MalformedException if a label does not fit the network's output
   * @throws TrainingException if the graph fails on these samples, or the teacher does
   */
  public long train(
      SampleSet samples,
      Preprocessor preprocessor,
      Optional<TeacherLogits> teacher,
      Listener listener)
      throws MalformedException, TrainingException {
    return train(samples, preprocessor, teacher, Optional.empty(), listener);
  }

  /**
   * The same, going on from where a training with the same plan and samples stood.
   *
   * @param from what {@link TrainingState#write} wrote; absent: from the start
   * @throws MalformedException if {@code from} is of other weights
   */
  public long train(
      SampleSet samples,
      Preprocessor preprocessor,
      Optional<TeacherLogits> teacher,
      Optional<Path> from,
      Listener listener)
      throws MalformedException, TrainingException {
    torch.set_num_threads(plan.threads());
    labelsChecked = false;
    SplittableRandom random = new SplittableRandom(plan.seed());
    Shuffle shuffle = new Shuffle(samples.size(), random.split());
    Schedule schedule = new Schedule(plan.learningRate(), plan.steps());
    long done = 0;
    double last = 0;
    // One stretch: the process ends after what stands has been written, not between two steps.
    try (NativeWork work = NativeWork.begin();
        Optimization optimization =
            new Optimization(
                plan.descent(),
                weights.matrices(),
                weights.vectors(),
                plan.weightDecay(),
                LARGEST_GRADIENT)) {
      checkPrecision(samples, preprocessor, teacher, optimization, listener);
      if (from.isPresent()) {
        done = TrainingArchive.read(from.get(), weights, optimization);
      }
      long begun = done;
      for (long past = 0; past < begun; past++) {
        shuffle.next(plan.batch());
        drawRungs(random);
      }
      while (true) {
        boolean end = done >= plan.steps() || listener.cancelled() || work.endAwaited();
        if (done > begun) {
          listener.standing(new TrainingState(done, plan.steps(), weights, optimization), end);
        }
        if (end) {
          break;
        }
        try (PointerScope scope = new PointerScope()) {
          Batch batch = Batch.of(samples, shuffle.next(plan.batch()), preprocessor, device);
          last = gradients(samples, batch, drawRungs(random), teacher);
          optimization.step(schedule.at(done));
          done++;
        }
        listener.step(done, plan.steps(), last);
      }
    }
    if (layers.isEmpty()) {
      int[] some = new Shuffle(samples.size(), random.split()).next(STATISTICS_SAMPLES);
      measure(0, samples, some, preprocessor, STATISTICS_BATCH);
    }
    return done;
  }

  /** Leaves bfloat16 where it was chosen for its speed and is too coarse for this network. */
  private void checkPrecision(
      SampleSet samples,
      Preprocessor preprocessor,
      Optional<TeacherLogits> teacher,
      Optimization optimization,
      Listener listener)
      throws MalformedException, TrainingException {
    if (plan.arithmetic() != Arithmetic.AUTO || precision == Precision.FLOAT32) {
      return;
    }
    int[] first = IntStream.range(0, Math.min(plan.batch(), samples.size())).toArray();
    int[] rungs = IntStream.of(plan.rungs() - 1, 0).distinct().toArray();
    try (PointerScope scope = new PointerScope()) {
      Batch batch = Batch.of(samples, first, preprocessor, device);
      precision = Precision.FLOAT32;
      GradientAt exact =
          GradientAt.taken(gradients(samples, batch, rungs, teacher), weights.trained());
      optimization.forget();
      precision = Precision.BFLOAT16;
      GradientAt coarse =
          GradientAt.taken(gradients(samples, batch, rungs, teacher), weights.trained());
      optimization.forget();
      Optional<String> objection = coarse.objection(exact);
      if (objection.isPresent()) {
        precision = Precision.FLOAT32;
        listener.note("the fine-tune computes in float32: in bfloat16 " + objection.get());
      }
    }
  }

  /** The largest rung, the smallest, and one between them. */
  private int[] drawRungs(SplittableRandom random) {
    int top = plan.rungs() - 1;
    int between = top > 1 ? 1 + random.nextInt(top - 1) : 0;
    return IntStream.of(top, between, 0).distinct().toArray();
  }

  /** Adds up the gradients of some rungs on one batch; returns their mean loss. */
  private double gradients(
      SampleSet samples, Batch batch, int[] rungs, Optional<TeacherLogits> teacher)
      throws MalformedException, TrainingException {
    Tensor labels = batch.labels(samples, device);
    Objective objective = new Objective(plan);
    Optional<Tensor> softened = Optional.empty();
    if (teacher.isPresent()) {
      Tensor logits = Tensors.on(device, scores.logits(ask(teacher.get(), batch.values())));
      softened = Optional.of(objective.softened(logits));
    }
    double total = 0;
    for (int rung : rungs) {
      try (PointerScope scope = new PointerScope()) {
        Pass pass = Pass.training(rung, precision, layers.isEmpty());
        Map<String, Tensor> values = network.run(batch.inputs(), List.of(scores.logits()), pass);
        Tensor logits = Scores.rows(Objects.requireNonNull(values.get(scores.logits())));
        requireAnswers(samples, batch.indices().size(), logits.size(0));
        if (!labelsChecked) {
          samples.checkLabels(logits.size(1));
          labelsChecked = true;
        }
        Tensor loss = objective.loss(logits, labels, softened, pass.gates());
        Tensors.times(loss, 1.0 / rungs.length).backward();
        total += loss.item_double();
      } catch (RuntimeException e) {
        throw TrainingException.at("training", e);
      }
    }
    return total / rungs.length;
  }

  private static void requireAnswers(SampleSet samples, int batch, long answers)
      throws MalformedException {
    if (answers != (long) batch * samples.labelsPerSample()) {
      throw new MalformedException(
          "labels per sample: %d (expected: %d, as many as the model's answers)"
              .formatted(samples.labelsPerSample(), answers / batch));
    }
  }

  private TensorValue ask(TeacherLogits teacher, Map<String, TensorValue> inputs)
      throws TrainingException {
    Map<String, TensorValue> answer;
    try {
      answer = teacher.outputs(inputs);
    } catch (Exception e) {
      throw new TrainingException("teacher: " + e.getMessage(), e);
    }
    TensorValue value = answer.get(scores.output());
    if (value == null) {
      throw new TrainingException("teacher: no output " + scores.output());
    }
    return value;
  }

  /**
   * Runs every rung over some samples with the batches' own statistics, pools these, and makes them
   * the rungs' patches. Works before training and after it.
   *
   * @param indices which samples
   * @param batch samples in one batch
   * @return [rung][layer]
   */
  public List<List<PatchLayer>> recalibrate(
      SampleSet samples, int[] indices, Preprocessor preprocessor, int batch)
      throws MalformedException, TrainingException {
    torch.set_num_threads(plan.threads());
    List<List<PatchLayer>> patches = new ArrayList<>();
    for (int rung = 0; rung < plan.rungs(); rung++) {
      Moments moments = measure(rung, samples, indices, preprocessor, batch);
      int measured = rung;
      patches.add(layers.stream().map(layer -> layer.patch(measured, moments)).toList());
    }
    return patches;
  }

  /** Statistics of one rung; those of the graph's own batch normalisations become the graph's. */
  private Moments measure(
      int rung, SampleSet samples, int[] indices, Preprocessor preprocessor, int batch)
      throws MalformedException, TrainingException {
    Moments moments = new Moments();
    boolean needed = layers.isEmpty() || layers.stream().anyMatch(FactorLayer::normalizes);
    for (int from = 0; needed && from < indices.length; from += batch) {
      int[] some = Arrays.copyOfRange(indices, from, Math.min(indices.length, from + batch));
      GradMode.set_enabled(false);
      try (NativeWork work = NativeWork.begin();
          PointerScope scope = new PointerScope()) {
        Pass pass = Pass.measuring(rung, layers.isEmpty(), moments);
        Map<String, Tensor> inputs = Batch.of(samples, some, preprocessor, device).inputs();
        network.run(inputs, List.of(), pass);
      } finally {
        GradMode.set_enabled(true);
      }
    }
    if (layers.isEmpty()) {
      network.setStatistics(moments);
    }
    return moments;
  }

  /**
   * The network's outputs at one rung, as a device with these patches computes them.
   *
   * @param rung from 1, the smallest
   * @param patches one per layer
   */
  public Map<String, TensorValue> forward(
      int rung, List<PatchLayer> patches, Map<String, TensorValue> inputs)
      throws TrainingException {
    if (rung < 1 || rung > plan.rungs()) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: 1.." + plan.rungs() + ")");
    }
    torch.set_num_threads(plan.threads());
    Map<String, TensorValue> outputs = new LinkedHashMap<>();
    GradMode.set_enabled(false);
    try (NativeWork work = NativeWork.begin();
        PointerScope scope = new PointerScope()) {
      network
          .run(Batch.inputs(inputs, device), network.outputs(), Pass.patched(rung - 1, patches))
          .forEach(
              (name, value) ->
                  outputs.put(
                      name, TensorValue.floats(Tensors.toFloats(value), Tensors.dims(value))));
    } finally {
      GradMode.set_enabled(true);
    }
    return outputs;
  }

  /** The factors as they are now, at the largest rank, in the order of the plan's ranks. */
  public List<FactorPair> layers() {
    try (PointerScope scope = new PointerScope()) {
      return layers.stream().map(FactorLayer::trained).toList();
    }
  }

  /**
   * The dense weights as they are now, row-major, by initializer name: those that are trained and,
   * for a network without factored layers, its normalisation statistics.
   */
  public Map<String, float[]> denseWeights() {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      network.dense().forEach((name, tensor) -> values.put(name, Tensors.toFloats(tensor)));
    }
    return values;
  }

  @Override
  public void close() {
    weights.close();
    device.releaseReference();
  }
}
