package dev.heirloom.inheritance.teacher;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static dev.heirloom.runtime.graph.Attributes.tensorAttribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LeftDenseTest {
  private static final String SHARED = "its weight is shared with another layer";

  private static Arguments graph(String reason, String name, UnaryOperator<TinyModels> nodes) {
    return arguments(name, reason, nodes);
  }

  private static TinyModels linear(TinyModels m, String weight) {
    return m.node("MatMul", List.of("x", weight), "y");
  }

  /** Graphs from x, [batch, 8, 8, 8], to y, which one layer makes. */
  static Stream<Arguments> graphs() {
    return Stream.of(
        graph(
            "it is a grouped convolution",
            "depthwise",
            m ->
                m.weight("w", 1, 8, 1, 3, 3)
                    .node("Conv", List.of("x", "w"), "y", intAttribute("group", 8))),
        graph(
            "its padding (SAME_UPPER) depends on the size of its input",
            "strided and padded to the same size",
            m ->
                m.weight("w", 1, 8, 8, 3, 3)
                    .node(
                        "Conv",
                        List.of("x", "w"),
                        "y",
                        intsAttribute("strides", 2, 2),
                        stringAttribute("auto_pad", "SAME_UPPER"))),
        graph(
            "its weight has 3 axes (2 can be factored)",
            "a stack of one weight",
            m -> linear(m.weight("w", 1, 1, 8, 8), "w")),
        graph(
            "its input is constant",
            "a product of constants",
            m ->
                m.weight("c", 1, 8, 8)
                    .weight("w", 1, 8, 8)
                    .node("MatMul", List.of("c", "w"), "product")
                    .node("Mul", List.of("x", "product"), "y")),
        graph(SHARED, "one weight, two products", m -> tied(m, "w", "w")),
        graph(
            SHARED,
            "shared through Identity",
            m -> tied(m.node("Identity", List.of("w"), "same"), "w", "same")),
        graph(
            SHARED,
            "shared through two Transposes",
            m ->
                tied(
                    m.node("Transpose", List.of("w"), "turned")
                        .node("Transpose", List.of("turned"), "back"),
                    "back",
                    "turned")),
        graph(
            SHARED,
            "shared through a Constant",
            m ->
                tied(
                    m.node(
                            "Constant",
                            List.of(),
                            "c",
                            tensorAttribute(
                                "value",
                                OnnxTensors.ofFloats("", new long[] {8, 8}, new float[64])))
                        .node("Identity", List.of("c"), "same"),
                    "c",
                    "same")),
        graph(
            SHARED,
            "tied with an embedding",
            m ->
                m.weight("w", 1, 8, 8)
                    .longs("i", 0, 1)
                    .node("Gather", List.of("w", "i"), "embedded")
                    .node("Transpose", List.of("w"), "head", intsAttribute("perm", 1, 0))
                    .node("MatMul", List.of("x", "head"), "y")),
        graph(
            SHARED,
            "normalised, and shared",
            m ->
                m.weight("w", 1, 8, 8, 1, 1)
                    .weight("g", 1, 8)
                    .weight("b", 1, 8)
                    .weight("m", 1, 8)
                    .weight("v", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8)
                    .node("Conv", List.of("x", "w"), "y")
                    .node("BatchNormalization", List.of("y", "g", "b", "m", "v"), "n")
                    .node("Conv", List.of("n", "w"), "z")));
  }

  private static TinyModels tied(TinyModels m, String first, String second) {
    return linear(m.weight("w", 1, 8, 8), first).node("MatMul", List.of("y", second), "z");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void saysWhy(String name, String reason, UnaryOperator<TinyModels> nodes) throws Exception {
    TinyModels model = nodes.apply(new TinyModels(3).input("x", -1, 8, 8, 8));
    Teacher teacher = Teacher.of(model.output("y", -1, 8, 8, 8).build());
    assertThat(teacher.leftDense().values()).contains(reason);
    assertThat(teacher.layers()).isEmpty();
  }

  @Test
  void aSharedWeightIsNotStoredTwice() throws Exception {
    TinyModels model =
        new TinyModels(3)
            .input("x", -1, 8)
            .weight("w", 1, 8, 8)
            .node("MatMul", List.of("x", "w"), "y")
            .node("Transpose", List.of("w"), "turned")
            .node("MatMul", List.of("y", "turned"), "z")
            .node("Identity", List.of("w"), "same")
            .node("MatMul", List.of("z", "same"), "a")
            .output("a", -1, 8);
    Teacher teacher = Teacher.of(model.build());
    assertThat(teacher.folded().parameters()).isEqualTo(64);
  }
}
