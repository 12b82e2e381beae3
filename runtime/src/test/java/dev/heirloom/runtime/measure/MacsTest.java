package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.Graphs;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MacsTest {

  @Test
  void countsGroupedConvolutionGemmAndMatMul() throws Exception {
    OnnxModel model = model();
    long macs =
        Macs.measure(
            model,
            Map.of("x", TensorValue.floats(new float[4 * 36], 1, 4, 6, 6)),
            SessionSettings.cpu(1));
    // Outputs 8 × 4 × 4, each a sum over 4 / 2 channels × 3 × 3; then 8 → 5, then 5 → 3.
    assertThat(macs).isEqualTo(8 * 16 * 18 + 5 * 8 + 3 * 5);
  }

  @Test
  void namesTheTensorWhoseShapeIsMissing() throws Exception {
    OnnxModel model = model();
    assertThat(Macs.observed(model)).containsExactly("x", "c", "f", "g", "y");
    assertThatThrownBy(() -> Macs.of(model, Map.of()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("tensor c");
  }

  private static OnnxModel model() throws MalformedException {
    return OnnxModel.of(
        Graphs.model(
            17,
            Graphs.graph(
                    List.of(Graphs.value("x", -1, 4, 6, 6)),
                    List.of(Graphs.value("y", -1, 3)),
                    List.of(
                        Graphs.node(
                            "Conv", "c", List.of("x", "w"), Attributes.intAttribute("group", 2)),
                        Graphs.node("GlobalAveragePool", "p", List.of("c")),
                        Graphs.node("Flatten", "f", List.of("p")),
                        Graphs.node(
                            "Gemm", "g", List.of("f", "fc"), Attributes.intAttribute("transB", 1)),
                        Graphs.node("MatMul", "y", List.of("g", "m"))))
                .addInitializer(Graphs.tensor("w", new float[8 * 18], 8, 2, 3, 3))
                .addInitializer(Graphs.tensor("fc", new float[40], 5, 8))
                .addInitializer(Graphs.tensor("m", new float[15], 5, 3))),
        "test");
  }
}
