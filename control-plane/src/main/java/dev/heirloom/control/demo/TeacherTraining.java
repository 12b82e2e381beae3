package dev.heirloom.control.demo;

import dev.heirloom.control.cli.AtomicFile;
import dev.heirloom.inheritance.training.Descent;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The program that made the demo's teacher: trains {@link ShapeNetwork} on rendered shapes and
 * writes the ONNX file that ships with the demo.
 *
 * <p>From a built checkout, into the directory of the demo's resources:
 *
 * <pre>{@code
 * java -cp "control-plane/target/classes:$(cat control-plane/target/classpath)" \
 *   dev.heirloom.control.demo.TeacherTraining \
 *   control-plane/src/main/resources/dev/heirloom/control/demo/shapes.onnx 1200
 * }</pre>
 */
final class TeacherTraining {
  private static final long SEED = 20;
  private static final int TEST_IMAGES = 2000;
  private static final int BATCH = 64;
  private static final double LEARNING_RATE = 0.08;
  private static final double WEIGHT_DECAY = 5e-4;
  private static final int LINE_EVERY = 25;

  private TeacherTraining() {}

  public static void main(String[] arguments)
      throws IOException, MalformedException, SessionException, TrainingException {
    Path file = Path.of(arguments[0]);
    int steps = Integer.parseInt(arguments[1]);
    int threads = Runtime.getRuntime().availableProcessors();
    Map<String, float[]> weights =
        train(ShapeRenderer.SIDE / 2, steps, LEARNING_RATE, Map.of(), threads);
    weights =
        train(ShapeRenderer.SIDE, Math.max(1, steps / 5), LEARNING_RATE / 4, weights, threads);
    ModelProto trained = withWeights(ShapeNetwork.untrained(ShapeRenderer.SIDE, SEED), weights);
    AtomicFile.write(file, trained.toByteArray());
    System.out.printf(
        Locale.ROOT,
        "%s: %d bytes, accuracy %.4f%n",
        file,
        trained.getSerializedSize(),
        accuracy(trained, threads));
  }

  /** Small images first: they cost a quarter. */
  private static Map<String, float[]> train(
      int side, int steps, double learningRate, Map<String, float[]> weights, int threads)
      throws MalformedException, TrainingException {
    ModelProto start = withWeights(ShapeNetwork.untrained(side, SEED), weights);
    TrainingPlan plan =
        new TrainingPlan(
            List.of(List.of()),
            steps,
            BATCH,
            Descent.SGD,
            learningRate,
            WEIGHT_DECAY,
            1,
            1,
            0,
            0,
            SEED,
            threads,
            false);
    SampleSet images =
        ShapeSamples.render(side, steps * BATCH, SEED + side, new Disturbance.None());
    try (NestedTrainer trainer = new NestedTrainer(start, List.of(), plan)) {
      trainer.train(images, preprocessor(start, images), Optional.empty(), new Lines());
      return trainer.denseWeights();
    }
  }

  private static double accuracy(ModelProto model, int threads)
      throws MalformedException, SessionException {
    SampleSet test = ShapeSamples.render(TEST_IMAGES, SEED, new Disturbance.None());
    try (OnnxSession session =
        OnnxSession.open(model.toByteArray(), SessionSettings.cpu(threads))) {
      return Evaluation.of(
              session, test, preprocessor(model, test), Task.TASK_CLASSIFICATION, BATCH, done -> {})
          .accuracy();
    }
  }

  private static Preprocessor preprocessor(ModelProto model, SampleSet images)
      throws MalformedException {
    List<TensorSpec> inputs = OnnxModel.parse(model.toByteArray(), "shapes").inputs();
    return new Preprocessor(Preprocessor.of(images, inputs, Map.of()), inputs);
  }

  private static ModelProto withWeights(ModelProto model, Map<String, float[]> values) {
    ModelProto.Builder builder = model.toBuilder();
    builder.getGraphBuilder().clearInitializer();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      float[] trained = values.get(tensor.getName());
      long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
      builder
          .getGraphBuilder()
          .addInitializer(
              trained == null ? tensor : OnnxTensors.ofFloats(tensor.getName(), dims, trained));
    }
    return builder.build();
  }

  private static final class Lines implements NestedTrainer.Listener {
    @Override
    public void step(long done, long total, double loss) {
      if (done % LINE_EVERY == 0) {
        System.out.printf(Locale.ROOT, "step %d of %d, loss %.4f%n", done, total, loss);
      }
    }

    @Override
    public boolean cancelled() {
      return false;
    }
  }
}
