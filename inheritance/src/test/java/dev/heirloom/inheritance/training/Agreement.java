package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The interpreter computes what ONNX Runtime computes. */
final class Agreement {
  private static final TrainingPlan PLAIN =
      TrainingPlan.forImages(List.of(List.of()), 0, 1, 1, false);

  private Agreement() {}

  /** For a graph from x, [batch, 4, 6, 6] in 0.1..1, to y. */
  static void require(TinyModels nodes, int opset) throws Exception {
    ModelProto.Builder proto = nodes.output("y").build(opset).proto().toBuilder();
    proto
        .getGraphBuilder()
        .getOutputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .clearShape();
    OnnxModel model = OnnxModel.parse(proto.build().toByteArray(), "tiny");
    Map<String, TensorValue> inputs = Map.of("x", SmallSets.uniform(11, 3, 4, 6, 6));
    assertThat(NestedTrainer.unknownOperator(model.proto())).isEmpty();
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), PLAIN);
        OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      TensorValue expected = session.runFirst(inputs);
      TensorValue actual = Objects.requireNonNull(trainer.forward(1, List.of(), inputs).get("y"));
      assertThat(actual.dims()).isEqualTo(expected.dims());
      float[] values = actual.toFloats();
      float[] right = expected.toFloats();
      for (int i = 0; i < right.length; i++) {
        assertThat(values[i])
            .as("value %d of %s", i, Arrays.toString(expected.dims()))
            .isCloseTo(right[i], within(1e-4f));
      }
    }
  }
}
