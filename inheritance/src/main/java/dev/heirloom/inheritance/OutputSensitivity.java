package dev.heirloom.inheritance;

import dev.heirloom.inheritance.factor.OutputMetric;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.OutputGradients;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What the teacher's answers feel of an error in each layer's outputs. */
final class OutputSensitivity {

  /** Training samples, the first ones, whose gradients are taken. */
  private static final int SAMPLES = 512;

  private static final int MOST_AT_ONCE = 32;

  private OutputSensitivity() {}

  /**
   * Runs the teacher forth and back.
   *
   * @return by layer; empty where the trainer cannot go through this teacher
   */
  static Map<DenseLayer, OutputMetric> of(
      Teacher teacher,
      Samples samples,
      InheritOptions options,
      Placement placement,
      Progress progress)
      throws CancelledException {
    if (NestedTrainer.unknownOperator(teacher.folded().proto()).isPresent()) {
      return Map.of();
    }
    Map<DenseLayer, OutputMetric> metrics = new LinkedHashMap<>();
    List<OutputGradients.Felt> felt = new ArrayList<>();
    for (DenseLayer layer : teacher.layers()) {
      OutputMetric metric = new OutputMetric(layer.outputs());
      metrics.put(layer, metric);
      felt.add(
          new OutputGradients.Felt(layer.outputTensor(), layer.isConvolution() ? 1 : -1, metric));
    }
    SampleSet some = samples.train().head(Math.min(SAMPLES, samples.train().size()));
    try (OutputGradients gradients =
        new OutputGradients(
            teacher.folded().proto(),
            options.taskChoice().lesson(samples.purpose()),
            felt,
            options.seed(),
            options.threads(),
            placement.trains())) {
      gradients.run(
          some,
          samples.preprocessor(),
          Math.min(MOST_AT_ONCE, options.tuning().batch().orElse(MOST_AT_ONCE)),
          done -> {
            progress.step(done, some.size(), OptionalDouble.empty());
            return !progress.cancelled();
          });
    } catch (TrainingException e) {
      progress.note("factors are weighted by the layers' inputs alone: " + e.getMessage());
      return Map.of();
    }
    if (progress.cancelled()) {
      throw new CancelledException();
    }
    return metrics;
  }
}
