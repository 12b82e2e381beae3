package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.inheritance.TinyModels;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainedWeightsTest {

  @Test
  void weightsBiasesAndTiedTablesAreTrainedAndMasksAndFrequenciesAreNot() throws Exception {
    var model =
        new TinyModels(3)
            .input("x", -1, 8)
            .weight("table", 1, 8, 8)
            .node("Transpose", List.of("table"), "turned")
            .node("MatMul", List.of("x", "turned"), "a")
            .weight("bias", 1, 8)
            .node("Add", List.of("a", "bias"), "b")
            .weight("mask", new float[] {0, -1e9f, 0, 0, 0, 0, 0, 0}, 8)
            .node("Add", List.of("b", "mask"), "c")
            .longs("axis", 1)
            .node("Unsqueeze", List.of("c", "axis"), "d")
            .weight("frequencies", 1, 1, 8, 1)
            .node("MatMul", List.of("frequencies", "d"), "e")
            .weight("places", 1, 1, 8, 8)
            .node("Add", List.of("e", "places"), "f")
            .weight("head", 1, 8, 1)
            .node("MatMul", List.of("f", "head"), "y")
            .output("y", -1, 8, 1)
            .build();
    assertThat(TrainedWeights.of(model.proto().getGraph(), false))
        .containsExactlyInAnyOrder("table", "bias", "head");
  }
}
