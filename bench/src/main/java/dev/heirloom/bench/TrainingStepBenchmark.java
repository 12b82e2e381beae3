package dev.heirloom.bench;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.LayerStart;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.Norm;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What a training step costs beside the same network written by hand with libtorch's modules:
 * {@code fashion-resnet14-bn} with its twelve block convolutions factored, one rung, batches of
 * 128, the trainer's default settings; the teacher's answers are given, so that only the step
 * itself is compared. The two take turns, step by step.
 *
 * <p>Figures: {@code ratio} of the medians, {@code step_ms} and {@code hand_written_ms}. A quick
 * run takes 12 steps of each instead of 60.
 */
final class TrainingStepBenchmark implements Benchmark {
  private static final String TEACHER = "models/fashion-resnet14-bn.onnx";
  private static final int CLASSES = 10;
  private static final int PIXELS = 28 * 28;
  private static final int SAMPLES = 512;
  private static final int WARM_UP = 4;
  private static final int STEPS = 60;
  private static final int QUICK_STEPS = 12;
  private static final double SHARE = 0.4;
  private static final int BLOCK = 16;

  @Override
  public String name() {
    return "training-step";
  }

  @Override
  public String description() {
    return "a training step against the same network written by hand with libtorch modules";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atMost("ratio", 1.15));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Teacher teacher = Teacher.read(run.data(TEACHER));
    List<DenseLayer> factored =
        teacher.layers().stream()
            .filter(layer -> layer.kernel().equals(List.of(3, 3)) && layer.channels() > 1)
            .toList();
    SampleSet samples = RandomSamples.of(teacher.inputs(), SAMPLES, 3);
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(samples, teacher.inputs(), Map.of()), teacher.inputs());
    Calibration calibration =
        Calibration.run(
            teacher, samples.head(32), preprocessor, SessionSettings.cpu(1), done -> true);
    RungSketch sketch = RungSketch.of(teacher, calibration, 1, 1);
    List<Integer> ranks =
        factored.stream()
            .map(layer -> Math.max(1, (int) (SHARE * layer.breakEvenRank()) / BLOCK) * BLOCK)
            .toList();
    List<LayerStart> starts = new ArrayList<>();
    for (int i = 0; i < factored.size(); i++) {
      int at = teacher.layers().indexOf(factored.get(i));
      DraftLayer layer = sketch.layers().get(at);
      starts.add(
          new LayerStart(
              layer.pair().prefix(ranks.get(i)),
              layer.dense().bias(),
              Norm.FULL,
              true,
              calibration.layers().get(at).outputMean(),
              calibration.layers().get(at).outputDeviation()));
    }
    int steps = WARM_UP + (run.quick() ? QUICK_STEPS : STEPS);
    int threads = Runtime.getRuntime().availableProcessors();
    TrainingPlan plan = TrainingPlan.forImages(List.of(ranks), steps, 1, threads, false);
    float[] logits = gaussian(plan.batch() * CLASSES, 5);
    TensorValue answer = TensorValue.floats(logits, plan.batch(), CLASSES);
    ModelProto skeleton = Skeleton.of(teacher, factored);
    try (NestedTrainer trainer = new NestedTrainer(skeleton, starts, plan);
        HandWrittenStep byHand = new HandWrittenStep(plan, CLASSES, hasBfloat16())) {
      requireAlike(byHand.parameters(), skeleton, starts);
      Turns turns = new Turns(run, byHand, plan.batch(), logits);
      String output = teacher.original().outputs().get(0).name();
      trainer.train(samples, preprocessor, Optional.of(inputs -> Map.of(output, answer)), turns);
      run.check();
      return turns.figures();
    }
  }

  /** Both networks have as many weights, or they would not be worth comparing. */
  private static void requireAlike(long byHand, ModelProto skeleton, List<LayerStart> starts) {
    long own = 0;
    for (TensorProto tensor : skeleton.getGraph().getInitializerList()) {
      own += OnnxTensors.isFloatingPoint(tensor) ? OnnxTensors.elements(tensor) : 0;
    }
    for (LayerStart start : starts) {
      own += start.pair().parameters() + 2L * start.pair().outputs();
    }
    if (own != byHand) {
      throw new IllegalStateException("weights: " + byHand + " (expected: " + own + ")");
    }
  }

  /** Steps by hand in the trainer's pauses, and what both took. */
  private static final class Turns implements NestedTrainer.Listener {
    private final Run run;
    private final HandWrittenStep byHand;
    private final float[] images;
    private final long[] labels;
    private final float[] logits;
    private final List<Double> own = new ArrayList<>();
    private final List<Double> handWritten = new ArrayList<>();
    private long since = System.nanoTime();

    Turns(Run run, HandWrittenStep byHand, int batch, float[] logits) {
      this.run = run;
      this.byHand = byHand;
      this.images = gaussian(batch * PIXELS, 9);
      this.labels = IntStream.range(0, batch).mapToLong(i -> i % CLASSES).toArray();
      this.logits = logits;
    }

    @Override
    public void step(long done, long total, double loss) {
      long now = System.nanoTime();
      byHand.step(images, labels, logits);
      long after = System.nanoTime();
      if (done > WARM_UP) {
        own.add((now - since) / 1e6);
        handWritten.add((after - now) / 1e6);
      }
      since = System.nanoTime();
    }

    @Override
    public boolean cancelled() {
      return run.interrupted().getAsBoolean();
    }

    Figures figures() {
      Figures medians =
          Figures.none()
              .withPercentile("step_ms", 0.5, own)
              .withPercentile("hand_written_ms", 0.5, handWritten);
      double ratio =
          medians.value("step_ms").orElseThrow() / medians.value("hand_written_ms").orElseThrow();
      return medians.with("ratio", ratio);
    }
  }

  private static float[] gaussian(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** As the trainer decides it. */
  private static boolean hasBfloat16() {
    try {
      String text = Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1);
      return text.contains("avx512_bf16") || text.contains("amx_bf16");
    } catch (IOException e) {
      return false;
    }
  }
}
