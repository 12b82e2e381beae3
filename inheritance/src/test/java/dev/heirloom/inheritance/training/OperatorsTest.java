package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static dev.heirloom.runtime.graph.Attributes.tensorAttribute;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operator computes what ONNX Runtime computes. */
class OperatorsTest {
  private static Arguments one(String type, AttributeProto... attributes) {
    return arguments(
        type, (UnaryOperator<TinyModels>) m -> m.node(type, List.of("x"), "y", attributes));
  }

  private static Arguments graph(String name, UnaryOperator<TinyModels> nodes) {
    return arguments(name, nodes);
  }

  private static TinyModels longs(TinyModels model, String name, long... values) {
    return model.node("Constant", List.of(), name, longsOf(values));
  }

  private static AttributeProto longsOf(long... values) {
    return tensorAttribute("value", OnnxTensors.ofLongs("", new long[] {values.length}, values));
  }

  private static TinyModels numbers(TinyModels model, String name, float value) {
    return model.node(
        "Constant",
        List.of(),
        name,
        tensorAttribute("value", OnnxTensors.ofFloats("", new long[0], new float[] {value})));
  }

  /** Graphs from x, [batch, 4, 6, 6] in 0.1..1, to y. */
  static Stream<Arguments> graphs() {
    Stream<Arguments> unary =
        Stream.of(
                "Relu Tanh Sigmoid Erf Sqrt Exp Log Neg Abs Cos Sin Reciprocal Floor Ceil Softplus"
                    .split(" "))
            .map(type -> one(type));
    Stream<Arguments> rest =
        Stream.of(
            one("LeakyRelu", floatAttribute("alpha", 0.3f)),
            one("Elu"),
            one("HardSigmoid"),
            one("HardSwish"),
            one("Softmax", intAttribute("axis", 1)),
            one("LogSoftmax", intAttribute("axis", -1)),
            one("GlobalAveragePool"),
            one("GlobalMaxPool"),
            one("Flatten", intAttribute("axis", 2)),
            one("Transpose", intsAttribute("perm", 0, 2, 3, 1)),
            one("Transpose"),
            one("ReduceMean", intsAttribute("axes", -1, 2), intAttribute("keepdims", 0)),
            one("ReduceMax", intsAttribute("axes", 1)),
            one("ReduceL2", intsAttribute("axes", 1)),
            one("Identity"),
            one("Dropout"),
            one("Trilu", intAttribute("upper", 0)),
            one(
                "MaxPool",
                intsAttribute("kernel_shape", 3, 3),
                intsAttribute("strides", 2, 2),
                intsAttribute("pads", 0, 1, 1, 0)),
            one(
                "AveragePool",
                intsAttribute("kernel_shape", 3, 2),
                intsAttribute("strides", 2, 1),
                intsAttribute("pads", 1, 0, 1, 1)),
            one(
                "AveragePool",
                intsAttribute("kernel_shape", 2, 2),
                intsAttribute("pads", 1, 0, 0, 1),
                intAttribute("count_include_pad", 1)),
            one(
                "AveragePool",
                intsAttribute("kernel_shape", 3, 3),
                intsAttribute("strides", 2, 2),
                stringAttribute("auto_pad", "SAME_UPPER")),
            one("DepthToSpace", intAttribute("blocksize", 2)),
            graph(
                "grouped Conv with uneven padding",
                m ->
                    m.weight("w", 0.3, 8, 2, 3, 3)
                        .weight("b", 0.3, 8)
                        .node(
                            "Conv",
                            List.of("x", "w", "b"),
                            "y",
                            intAttribute("group", 2),
                            intsAttribute("strides", 2, 1),
                            intsAttribute("pads", 0, 1, 1, 2))),
            graph(
                "Conv padded to the same size",
                m ->
                    m.weight("w", 0.3, 8, 4, 3, 3)
                        .node(
                            "Conv",
                            List.of("x", "w"),
                            "y",
                            intsAttribute("strides", 2, 1),
                            stringAttribute("auto_pad", "SAME_LOWER"))),
            graph(
                "BatchNormalization",
                m ->
                    m.weight("g", 1, 4)
                        .weight("b", 1, 4)
                        .weight("m", 1, 4)
                        .weight("v", new float[] {1, 2, 3, 4}, 4)
                        .node("BatchNormalization", List.of("x", "g", "b", "m", "v"), "y")),
            graph(
                "LayerNormalization",
                m ->
                    m.weight("g", 1, 6)
                        .weight("b", 1, 6)
                        .node("LayerNormalization", List.of("x", "g", "b"), "y")),
            graph(
                "InstanceNormalization",
                m ->
                    m.weight("g", 1, 4)
                        .weight("b", 1, 4)
                        .node("InstanceNormalization", List.of("x", "g", "b"), "y")),
            graph(
                "Gemm",
                m ->
                    m.weight("w", 1, 5, 144)
                        .weight("b", 1, 1, 5)
                        .node("Flatten", List.of("x"), "f")
                        .node(
                            "Gemm",
                            List.of("f", "w", "b"),
                            "y",
                            intAttribute("transB", 1),
                            floatAttribute("alpha", 0.5f),
                            floatAttribute("beta", 2))),
            graph(
                "MatMul and bias",
                m ->
                    m.weight("w", 1, 6, 7)
                        .weight("b", 1, 7)
                        .node("MatMul", List.of("x", "w"), "p")
                        .node("Add", List.of("b", "p"), "y")),
            graph(
                "Reshape to a computed shape",
                m ->
                    longs(
                            longs(longs(m, "zero", 0), "rest", 24, -1)
                                .node("Shape", List.of("x"), "shape")
                                .node("Gather", List.of("shape", "zero"), "batch"),
                            "unused",
                            1)
                        .node("Concat", List.of("batch", "rest"), "wanted", intAttribute("axis", 0))
                        .node("Reshape", List.of("x", "wanted"), "y")),
            graph(
                "Slice backwards",
                m ->
                    longs(longs(longs(longs(m, "s", 5), "e", -7), "a", 3), "t", -2)
                        .node("Slice", List.of("x", "s", "e", "a", "t"), "y")),
            graph(
                "Slice",
                m ->
                    longs(longs(longs(m, "s", 1), "e", 1000), "a", 2)
                        .node("Slice", List.of("x", "s", "e", "a"), "y")),
            graph(
                "Gather with negative indices",
                m ->
                    longs(m, "i", -1, 0, 2)
                        .node("Gather", List.of("x", "i"), "y", intAttribute("axis", 1))),
            graph(
                "Pad and Unsqueeze and Squeeze",
                m ->
                    longs(longs(m, "p", 0, 1, 0, 2, 0, 0, 1, 0), "a", 1)
                        .node("Pad", List.of("x", "p"), "padded")
                        .node("Unsqueeze", List.of("padded", "a"), "u")
                        .node("Squeeze", List.of("u", "a"), "y")),
            graph(
                "Pad by reflection",
                m ->
                    longs(m, "p", 0, 0, 1, 2, 0, 0, 2, 1)
                        .node("Pad", List.of("x", "p"), "y", stringAttribute("mode", "reflect"))),
            graph(
                "Expand and Tile",
                m ->
                    longs(longs(m.weight("w", 1, 1, 4, 1, 1), "d", 2, 1, 3, 1), "r", 1, 1, 2, 2)
                        .node("Expand", List.of("w", "d"), "e")
                        .node("Tile", List.of("e", "r"), "t")
                        .node("ReduceMean", List.of("x"), "mean")
                        .node("Mul", List.of("t", "mean"), "y")),
            graph(
                "Where by a comparison",
                m ->
                    numbers(m, "half", 0.5f)
                        .node("Less", List.of("x", "half"), "l")
                        .node("Greater", List.of("x", "half"), "g")
                        .node("Or", List.of("l", "g"), "o")
                        .node("And", List.of("o", "l"), "c")
                        .node("Neg", List.of("x"), "n")
                        .node("Where", List.of("c", "n", "x"), "y")),
            graph(
                "Clip, Pow, Max, Min and Sum",
                m ->
                    numbers(numbers(numbers(m, "low", 0.3f), "high", 0.7f), "two", 2)
                        .node("Clip", List.of("x", "low", "high"), "c")
                        .node("Pow", List.of("x", "two"), "p")
                        .node("Max", List.of("c", "p", "low"), "a")
                        .node("Min", List.of("c", "p"), "b")
                        .node("Sum", List.of("a", "b", "x"), "y")),
            graph(
                "Range, Cast and ConstantOfShape",
                m ->
                    longs(m, "dims", 6)
                        .node("ConstantOfShape", List.of("dims"), "filled", longsOf(3))
                        .node("Cast", List.of("filled"), "three", intAttribute("to", 1))
                        .node("Div", List.of("x", "three"), "y")),
            graph(
                "quotients of integers",
                m ->
                    longs(m, "seven", 7)
                        .node("Shape", List.of("x"), "shape")
                        .node("Sub", List.of("shape", "seven"), "negative")
                        .node("Div", List.of("seven", "negative"), "q")
                        .node("Cast", List.of("q"), "f", intAttribute("to", 1))
                        .node("ReduceMean", List.of("f"), "mean")
                        .node("Add", List.of("x", "mean"), "y")),
            graph(
                "PRelu",
                m ->
                    numbers(m.weight("slope", 1, 4, 1, 1), "half", 0.5f)
                        .node("Sub", List.of("x", "half"), "s")
                        .node("PRelu", List.of("s", "slope"), "y")));
    return Stream.concat(unary, rest);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void agreesWithOnnxRuntime(String name, UnaryOperator<TinyModels> nodes) throws Exception {
    Agreement.require(nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)), 17);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("graphs")
  void takesBfloat16(String name, UnaryOperator<TinyModels> nodes) throws Exception {
    TinyModels model = nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)).output("y");
    Agreement.requireInBfloat16(model, 17);
  }

  @Test
  void splitsAsOnnxRuntimeDoes() throws Exception {
    TinyModels model =
        new TinyModels(7)
            .input("x", -1, 4, 6, 6)
            .longs("sizes", 1, 3)
            .node("Split", List.of("x", "sizes"), List.of("a", "b"), intAttribute("axis", 1))
            .node("Mul", List.of("a", "b"), "y");
    Agreement.require(model, 17);
  }
}
