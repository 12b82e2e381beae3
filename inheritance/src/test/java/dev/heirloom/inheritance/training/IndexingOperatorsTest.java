package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.onnx.AttributeProto;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What reads or writes at positions computes what ONNX Runtime computes. */
class IndexingOperatorsTest {
  private static final AttributeProto TO_FLOAT = intAttribute("to", 1);

  private static Arguments graph(String name, UnaryOperator<TinyModels> nodes) {
    return arguments(name, nodes);
  }

  private static Arguments reduced(String operator, String reduction, UnaryOperator<TinyModels> m) {
    return graph(operator + " by " + reduction, m);
  }

  static Stream<Arguments> graphs() {
    Stream<Arguments> plain =
        Stream.of(
            graph(
                "Gather at a matrix of indices",
                m ->
                    m.longs("i", new long[] {2, 2}, -1, 0, 2, -6)
                        .node("Gather", List.of("x", "i"), "y", intAttribute("axis", 2))),
            graph(
                "GatherElements",
                m ->
                    m.longs("i", new long[] {3, 1, 2, 6}, repeated(36, 3, -1, 0, 5, 2))
                        .node("GatherElements", List.of("x", "i"), "y", intAttribute("axis", -1))),
            graph(
                "GatherND",
                m ->
                    m.longs("i", new long[] {2, 3}, 0, -1, 2, 2, 3, 5)
                        .node("GatherND", List.of("x", "i"), "y")),
            graph(
                "GatherND within each sample",
                m ->
                    m.longs("i", new long[] {3, 2, 2}, repeated(12, 0, 3, -2, 1, 2, 5))
                        .node("GatherND", List.of("x", "i"), "y", intAttribute("batch_dims", 1))),
            graph(
                "ArgMax and ArgMin",
                m ->
                    m.node("ArgMax", List.of("x"), "a", intAttribute("axis", 1))
                        .node("ArgMin", List.of("x"), "b", intAttribute("axis", -3))
                        .node("Add", List.of("a", "b"), "s")
                        .node("Cast", List.of("s"), "y", TO_FLOAT)),
            graph(
                "ArgMax of ties",
                m ->
                    m.node("Floor", List.of("x"), "f")
                        .node(
                            "ArgMax",
                            List.of("f"),
                            "a",
                            intAttribute("axis", 2),
                            intAttribute("keepdims", 0),
                            intAttribute("select_last_index", 1))
                        .node("Cast", List.of("a"), "y", TO_FLOAT)),
            graph(
                "TopK values and indices",
                m ->
                    m.longs("k", 3)
                        .node("TopK", List.of("x", "k"), List.of("v", "i"), intAttribute("axis", 1))
                        .node("Cast", List.of("i"), "f", TO_FLOAT)
                        .node("Add", List.of("v", "f"), "y")),
            graph(
                "TopK of the smallest",
                m ->
                    m.longs("k", 2)
                        .node(
                            "TopK",
                            List.of("x", "k"),
                            List.of("y", "i"),
                            intAttribute("largest", 0))),
            graph(
                "NonZero",
                m ->
                    m.number("half", 0.5f)
                        .node("Greater", List.of("x", "half"), "g")
                        .node("NonZero", List.of("g"), "n")
                        .node("Cast", List.of("n"), "y", TO_FLOAT)),
            graph(
                "OneHot",
                m ->
                    m.longs("depth", new long[0], 4)
                        .weight("values", new float[] {-1, 2}, 2)
                        .node("ArgMax", List.of("x"), "a", intAttribute("axis", 1))
                        .node(
                            "OneHot",
                            List.of("a", "depth", "values"),
                            "y",
                            intAttribute("axis", 2))));
    return Stream.concat(
        plain,
        Stream.of("none", "add", "mul", "max", "min").flatMap(IndexingOperatorsTest::scatters));
  }

  /** Where values are reduced, some positions are written twice. */
  private static Stream<Arguments> scatters(String reduction) {
    boolean again = !reduction.equals("none");
    return Stream.of(
        reduced(
            "ScatterElements",
            reduction,
            m ->
                m.longs("i", new long[] {3, 1, 2, 1}, 0, -1, 2, 3, 1, again ? 1 : 0)
                    .weight("u", 1, 3, 1, 2, 1)
                    .node(
                        "ScatterElements",
                        List.of("x", "i", "u"),
                        "y",
                        intAttribute("axis", 2),
                        stringAttribute("reduction", reduction))),
        reduced(
            "ScatterND",
            reduction,
            m ->
                m.longs("i", new long[] {3, 2}, 0, 1, 2, -1, again ? 2 : 1, 3)
                    .weight("u", 1, 3, 6, 6)
                    .node(
                        "ScatterND",
                        List.of("x", "i", "u"),
                        "y",
                        stringAttribute("reduction", reduction))));
  }

  private static long[] repeated(int length, long... values) {
    long[] all = new long[length];
    for (int i = 0; i < length; i++) {
      all[i] = values[i % values.length];
    }
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void agreesWithOnnxRuntime(String name, UnaryOperator<TinyModels> nodes) throws Exception {
    Agreement.require(nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)), 18);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void takesBfloat16(String name, UnaryOperator<TinyModels> nodes) throws Exception {
    TinyModels model = nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)).output("y");
    Agreement.requireInBfloat16(model, 18);
  }
}
