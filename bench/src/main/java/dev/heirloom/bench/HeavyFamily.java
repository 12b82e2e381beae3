package dev.heirloom.bench;

import dev.heirloom.bench.network.BasicResNet;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.graph.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * A family whose rungs take milliseconds, so that what they cost is computing and not waiting, and
 * of which the largest takes several times what the smallest does: a residual network with random
 * weights, factored and not fine-tuned. Its accuracies mean nothing.
 *
 * @param family of up to six rungs
 * @param stream samples that devices are asked about
 */
record HeavyFamily(Family family, Path stream) {
  private static final BasicResNet NETWORK =
      new BasicResNet(List.of(3, 48, 48), 1, List.of(64, 128, 256), 10, false);
  private static final int RUNGS = 6;
  private static final List<Double> SIZES = List.of(0.06, 0.12, 0.25, 0.4, 0.6);
  private static final int TRAINING_SAMPLES = 40;
  private static final int OTHER_SAMPLES = 16;

  /** Makes it in a directory of its own. */
  static HeavyFamily inherit(Run run, Path directory) throws Exception {
    run.say().accept("inheriting a network with random weights, without fine-tuning");
    Files.createDirectories(directory);
    OnnxModel model = NETWORK.network(1);
    Path teacher = directory.resolve("heavy.onnx");
    Files.write(teacher, model.bytes());
    Path train = directory.resolve("train.npz");
    RandomSamples.write(model, TRAINING_SAMPLES, 1, train);
    Path validate = directory.resolve("validate.npz");
    RandomSamples.write(model, OTHER_SAMPLES, 2, validate);
    Path stream = directory.resolve("stream.npz");
    RandomSamples.write(model, OTHER_SAMPLES, 3, stream);
    Path out = directory.resolve("family");
    InheritOptions options =
        new InheritOptions(
            LadderOptions.of(RUNGS).near(SIZES),
            MethodOptions.of(Method.HEIRLOOM),
            OptionalInt.of(0),
            1,
            "cpu",
            Runtime.getRuntime().availableProcessors());
    Inheritance.run(
        teacher,
        train.toString(),
        validate.toString(),
        List.of(),
        out,
        options,
        new QuietProgress(run.interrupted()));
    return new HeavyFamily(Family.open(out), stream);
  }
}
