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
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

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

  /**
   * The graph takes a bfloat16 activation, gives what it gives for the same values in float32 up to
   * the format's precision, and lets a gradient through where it has one.
   */
  static void requireInBfloat16(TinyModels nodes, int opset) throws Exception {
    OnnxModel model = nodes.build(opset);
    Device device = new Device(DeviceType.CPU).retainReference();
    try (Weights weights = new Weights(device);
        PointerScope scope = new PointerScope()) {
      Network network = new Network(model.proto(), Map.of(), weights, Set.of());
      Tensor x = Batch.inputs(Map.of("x", SmallSets.uniform(11, 3, 4, 6, 6)), device).get("x");
      Tensor narrow = Objects.requireNonNull(x).to(ScalarType.BFloat16);
      narrow.set_requires_grad(true);
      Tensor y = run(network, narrow, Precision.BFLOAT16);
      float[] actual = Tensors.toFloats(y);
      float[] expected =
          Tensors.toFloats(run(network, narrow.detach().to(ScalarType.Float), Precision.FLOAT32));
      assertThat(actual).hasSameSizeAs(expected);
      float largest = 1;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(0.02f * largest));
      }
      if (y.requires_grad()) {
        y.sum().backward();
        assertThat(Tensors.toFloats(narrow.grad())).doesNotContain(Float.NaN);
      }
    } finally {
      device.releaseReference();
    }
  }

  private static Tensor run(Network network, Tensor x, Precision precision) throws Exception {
    Pass pass = Pass.training(0, precision, false);
    return Objects.requireNonNull(network.run(Map.of("x", x), List.of("y"), pass).get("y"));
  }
}
