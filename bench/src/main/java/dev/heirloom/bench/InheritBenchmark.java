package dev.heirloom.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What an inheritance with default options costs: {@code fashion-resnet14-bn} on Fashion-MNIST, in
 * a process of its own.
 *
 * <p>Figures: {@code seconds}, wall-clock of all stages, and {@code seconds_STAGE} of each; {@code
 * peak_rss_mb}, the largest resident memory of the process in 10⁶ bytes, as the kernel keeps it;
 * and of the rung nearest to 0.35 of the teacher's parameters {@code accuracy_loss_points}, how
 * many points of test accuracy it lacks. A quick run takes 3,000 training images, 1,000 test
 * images, three rungs and five steps: its times are comparable with other quick runs only.
 */
final class InheritBenchmark implements Benchmark {
  private static final String TEACHER = "models/fashion-resnet14-bn.onnx";
  private static final String DATA = "data/fashion-mnist/";
  private static final String NORMALIZE = "0.2860/0.3530";
  private static final double SHARE = 0.35;
  private static final double BYTES_PER_MB = 1e6;

  @Override
  public String name() {
    return "inherit";
  }

  @Override
  public String description() {
    return "seconds per stage and peak memory of an inheritance (Fashion-MNIST, default options)";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("seconds", 360),
        Goal.atMost("accuracy_loss_points", 0.5),
        Goal.atMost("peak_rss_mb", 6000));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Path teacher = run.data(TEACHER);
    String train = pair(run, "train");
    String validate = pair(run, "t10k");
    List<String> options = new ArrayList<>();
    if (run.quick()) {
      List<TensorSpec> inputs = OnnxModel.read(teacher).inputs();
      train = head(train, inputs, 3000, run.directory().resolve("train.npz"));
      validate = head(validate, inputs, 1000, run.directory().resolve("validate.npz"));
      options.addAll(List.of("--rungs", "3", "--steps", "5"));
    }
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "inherit",
                teacher.toString(),
                "--train",
                train,
                "--validate",
                validate,
                "--normalize",
                NORMALIZE,
                "--out",
                run.directory().resolve("family").toString(),
                "--json"));
    arguments.addAll(options);
    InheritRun done = InheritRun.of(run, name(), arguments);
    return figures(done.report(), done.peakBytes());
  }

  private static String pair(Run run, String set) throws CommandException {
    Path images = run.data(DATA + set + "-images-idx3-ubyte.gz");
    Path labels = run.data(DATA + set + "-labels-idx1-ubyte.gz");
    return images + "," + labels;
  }

  private static String head(String data, List<TensorSpec> inputs, int samples, Path file)
      throws IOException, MalformedException {
    SampleWriter.write(SampleFiles.read(data, inputs).head(samples), file);
    return file.toString();
  }

  private static Figures figures(JsonNode report, long peakBytes) {
    Figures figures = Figures.none().with("seconds", report.path("seconds").asDouble());
    for (var stage : report.path("seconds_by_stage").properties()) {
      figures =
          figures.with("seconds_" + stage.getKey().replace('-', '_'), stage.getValue().asDouble());
    }
    return figures
        .with("peak_rss_mb", peakBytes / BYTES_PER_MB)
        .with("accuracy_loss_points", accuracyLoss(report));
  }

  private static double accuracyLoss(JsonNode report) {
    JsonNode teacher = report.path("teacher");
    double wanted = SHARE * teacher.path("parameters").asDouble();
    double nearest = Double.MAX_VALUE;
    double accuracy = 0;
    for (JsonNode rung : report.path("rungs")) {
      double distance = Math.abs(rung.path("parameters").asDouble() - wanted);
      if (distance < nearest) {
        nearest = distance;
        accuracy = rung.path("accuracy").asDouble();
      }
    }
    return 100 * (teacher.path("accuracy").asDouble() - accuracy);
  }
}
