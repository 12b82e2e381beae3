package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.inheritance.factor.OutputMetric;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputGradientsTest {
  private static final int SAMPLES = 4000;

  /** x, always one, times a weight is y: the logits are the weight's row. */
  private static OnnxModel network(float... row) throws Exception {
    return new TinyModels(1)
        .input("x", -1, 1)
        .weight("w", row, 1, row.length)
        .node("MatMul", List.of("x", "w"), "y")
        .output("y", -1, row.length)
        .build();
  }

  private static OutputMetric metric(OnnxModel model, Lesson lesson, float... inputs)
      throws Exception {
    ByteBuffer raw = ByteBuffer.allocate(4 * SAMPLES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SAMPLES; i++) {
      raw.putFloat(inputs[i % inputs.length]);
    }
    SampleSet samples =
        SampleSet.of(SAMPLES)
            .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(1L), raw.flip())
            .build();
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(samples, model.inputs(), Map.of()), model.inputs());
    OutputMetric metric = new OutputMetric(Math.toIntExact(model.outputs().get(0).dims().get(1)));
    try (OutputGradients gradients =
        new OutputGradients(
            model.proto(),
            lesson,
            List.of(new OutputGradients.Felt("y", -1, metric)),
            5,
            1,
            false)) {
      gradients.run(samples, preprocessor, 64, done -> true);
    }
    return metric;
  }

  /** Of a softmax the Fisher information of the logits is diag(p) − p pᵀ. */
  @Test
  void logitsAreFeltAsTheSoftmaxSays() throws Exception {
    float[] shares = {0.7f, 0.25f, 0.05f};
    float[] logits = new float[3];
    for (int i = 0; i < 3; i++) {
      logits[i] = (float) Math.log(shares[i]);
    }
    OutputMetric metric = metric(network(logits), Lesson.classes(), 1);
    for (int i = 0; i < 3; i++) {
      assertThat(metric.meanSquare(i)).isCloseTo(shares[i] * (1 - shares[i]), within(0.02));
    }
  }

  /** Of numbers every one is felt alike. */
  @Test
  void numbersAreFeltAlike() throws Exception {
    Lesson lesson = new Lesson(Purpose.of(Task.TASK_REGRESSION), Distillation.LOGITS);
    OutputMetric metric = metric(network(1, 3), lesson, -1, 1);
    assertThat(metric.meanSquare(0)).isCloseTo(1, within(1e-6));
    assertThat(metric.meanSquare(1)).isCloseTo(1, within(1e-6));
  }
}
