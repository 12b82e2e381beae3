package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * Trains all rungs of a family with one set of factors: each step trains the largest rung and two
 * smaller ones, drawn at random, on the same batch. A network without factored layers is trained as
 * it is. Belongs to one thread; holds native memory until it is closed.
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
  private final Lesson lesson;
  private final Scores scores;
  private final List<String> others;
  private final Optional<String> features;
  private final Measurement measurement;
  private Precision precision;
  private boolean labelsChecked;

  /** Prepares training for {@link Lesson#classes}. */
  public NestedTrainer(ModelProto skeleton, List<LayerStart> starts, TrainingPlan plan)
      throws TrainingException {
    this(skeleton, starts, plan, Lesson.classes());
  }

  /**
   * Prepares training.
   *
   * @param skeleton a graph in which each factored layer is a node {@code FactorPair}, with the
   *     values of all other initializers
   * @param starts one per factored layer, in the order of the plan's ranks
   * @throws TrainingException if the graph cannot be interpreted, or has no features to compare
   */
  public NestedTrainer(
      ModelProto skeleton, List<LayerStart> starts, TrainingPlan plan, Lesson lesson)
      throws TrainingException {
    this.plan = plan;
    this.lesson = lesson;
    checkRanks(starts, plan);
    NativeThreads.use(plan.threads());
    device = new Device(plan.cuda() ? DeviceType.CUDA : DeviceType.CPU).retainReference();
    precision = Precision.of(plan.arithmetic(), plan.cuda());
    weights = new Weights(device);
    scores = Scores.of(skeleton.getGraph(), lesson);
    others = others(skeleton.getGraph(), scores.output());
    features =
        lesson.distillation().comparesFeatures()
            ? Features.of(skeleton.getGraph(), scores.output())
            : Optional.empty();
    try (PointerScope scope = new PointerScope()) {
      Map<String, FactorLayer> byName = new LinkedHashMap<>();
      for (int i = 0; i < starts.size(); i++) {
        int layer = i;
        int[] ranks = plan.ranksByRung().stream().mapToInt(r -> r.get(layer)).toArray();
        layers.add(new FactorLayer(i, starts.get(i), ranks, weights));
        byName.put(starts.get(i).pair().name(), layers.get(i));
      }
      if (lesson.distillation().comparesFeatures() && features.isEmpty()) {
        throw new TrainingException(
            "no features before the last layer (expected: another distillation than "
                + lesson.distillation().title()
                + ")");
      }
      network = new Network(skeleton, byName, weights, Set.copyOf(wanted()));
      measurement = new Measurement(network, layers, device);
    } catch (TrainingException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static List<String> others(GraphProto graph, String answer) {
    return graph.getOutputList().stream()
        .filter(
            output ->
                output.getType().getTensorType().getElemType() == TensorProto.DataType.FLOAT_VALUE)
        .map(ValueInfoProto::getName)
        .filter(name -> !name.equals(answer))
        .toList();
  }

  /** Names of the values that a loss compares. */
  private List<String> wanted() {
    List<String> names = new ArrayList<>(List.of(scores.logits()));
    names.addAll(others);
    features.ifPresent(names::add);
    return names.stream().distinct().toList();
  }

  /** Names of the values that a teacher has to answer with: outputs, and features if compared. */
  public List<String> teacherOutputs() {
    List<String> names = new ArrayList<>(List.of(scores.output()));
    names.addAll(others);
    features.ifPresent(names::add);
    return names.stream().distinct().toList();
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
   * @param samples labelled as the task has it, or without labels, where there is a teacher
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
    if (teacher.isEmpty() && !lesson.purpose().labelled(samples)) {
      throw new MalformedException("no labels and no teacher to learn from");
    }
    NativeThreads.use(plan.threads());
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
      measurement.measure(0, samples, some, preprocessor, STATISTICS_BATCH);
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

  /**
   * The largest rung, one of the upper half of the others, and one of the lower. The smallest has
   * no turn of its own: its loss is the largest, and would take the first components for itself.
   */
  private int[] drawRungs(SplittableRandom random) {
    int top = plan.rungs() - 1;
    if (top < 2) {
      return IntStream.rangeClosed(0, top).map(rung -> top - rung).toArray();
    }
    int half = top / 2;
    return new int[] {top, half + random.nextInt(top - half), random.nextInt(half)};
  }

  /** Adds up the gradients of some rungs on one batch; returns their mean loss. */
  private double gradients(
      SampleSet samples, Batch batch, int[] rungs, Optional<TeacherLogits> teacher)
      throws MalformedException, TrainingException {
    Objective objective = new Objective(plan, lesson);
    Optional<Response> reference = Optional.empty();
    if (teacher.isPresent()) {
      reference = Optional.of(reference(objective, ask(teacher.get(), batch.values())));
    }
    double total = 0;
    for (int rung : rungs) {
      try (PointerScope scope = new PointerScope()) {
        Pass pass = Pass.training(rung, precision, layers.isEmpty());
        Map<String, Tensor> values = network.run(batch.inputs(), wanted(), pass);
        Tensor output = Objects.requireNonNull(values.get(scores.logits()));
        Response response = response(values, Response.answer(output, lesson));
        check(samples, batch, output, response);
        Optional<Tensor> right = right(samples, batch, response.answer());
        Tensor loss = objective.loss(response, right, reference, pass.gates());
        Tensors.times(loss, 1.0 / rungs.length).backward();
        total += loss.item_double();
      } catch (RuntimeException e) {
        throw TrainingException.at("training", e);
      }
    }
    return total / rungs.length;
  }

  private Response reference(Objective objective, Map<String, TensorValue> said) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    said.forEach(
        (name, value) -> {
          if (!name.equals(scores.output())) {
            values.put(name, Tensors.on(device, Tensors.floats(value.toFloats(), value.dims())));
          }
        });
    Tensor answer =
        Tensors.on(device, scores.logits(Objects.requireNonNull(said.get(scores.output()))));
    return response(values, objective.reference(Response.answer(answer, lesson)));
  }

  private Response response(Map<String, Tensor> values, Tensor answer) {
    return new Response(
        answer,
        others.stream()
            .map(name -> Response.flat(Objects.requireNonNull(values.get(name))))
            .toList(),
        features.map(name -> Response.flat(Objects.requireNonNull(values.get(name)))));
  }

  /** Labels or targets, in the layout of the answer; empty where they are not known. */
  private Optional<Tensor> right(SampleSet samples, Batch batch, Tensor answer)
      throws MalformedException {
    if (!lesson.purpose().labelled(samples)) {
      return Optional.empty();
    }
    if (lesson.purpose().namesClasses()) {
      return Optional.of(batch.labels(samples, device));
    }
    Tensor targets;
    if (lesson.purpose().task() == Task.TASK_RECONSTRUCTION) {
      String input = Purpose.reconstructed(samples, answer.size(1));
      targets = Tensors.asFloat(Objects.requireNonNull(batch.inputs().get(input)));
    } else {
      targets = batch.targets(samples, device);
    }
    return Optional.of(targets.reshape(answer.size(0), answer.size(1)));
  }

  private void check(SampleSet samples, Batch batch, Tensor output, Response response)
      throws MalformedException {
    if (!lesson.purpose().namesClasses()) {
      if (!labelsChecked) {
        lesson.purpose().check(Tensors.dims(output), samples);
        labelsChecked = true;
      }
      return;
    }
    if (samples.labelled()) {
      requireAnswers(samples, batch.indices().size(), response.answer().size(0));
      if (!labelsChecked) {
        samples.checkLabels(response.answer().size(1));
        labelsChecked = true;
      }
    }
  }

  private static void requireAnswers(SampleSet samples, int batch, long answers)
      throws MalformedException {
    if (answers != (long) batch * samples.labelsPerSample()) {
      throw new MalformedException(
          "labels per sample: %d (expected: %d, as many as the model's answers)"
              .formatted(samples.labelsPerSample(), answers / batch));
    }
  }

  private Map<String, TensorValue> ask(TeacherLogits teacher, Map<String, TensorValue> inputs)
      throws TrainingException {
    Map<String, TensorValue> answer;
    try {
      answer = teacher.outputs(inputs);
    } catch (Exception e) {
      throw new TrainingException("teacher: " + e.getMessage(), e);
    }
    Map<String, TensorValue> wanted = new LinkedHashMap<>();
    for (String name : teacherOutputs()) {
      TensorValue value = answer.get(name);
      if (value == null) {
        throw new TrainingException("teacher: no output " + name);
      }
      wanted.put(name, value);
    }
    return wanted;
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
    NativeThreads.use(plan.threads());
    return measurement.patches(plan.rungs(), samples, indices, preprocessor, batch);
  }

  /**
   * The weights of a layer's heads where its gate says the same of every sample that the last
   * recalibration ran, and at every rung; its heads are then one linear map.
   *
   * @param layer in the order of the plan's ranks
   * @return [heads]
   */
  public Optional<float[]> constantShares(int layer) {
    return measurement.constantShares(layer);
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
    NativeThreads.use(plan.threads());
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
