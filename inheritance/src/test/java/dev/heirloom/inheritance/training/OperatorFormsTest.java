package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static dev.heirloom.runtime.graph.Attributes.tensorAttribute;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.AttributeProto.AttributeType;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same operators in the forms that they had from one operator set to the next. */
class OperatorFormsTest {

  private static Arguments form(int opset, String name, UnaryOperator<TinyModels> nodes) {
    return arguments(opset, name, nodes);
  }

  private static UnaryOperator<TinyModels> one(String type, AttributeProto... attributes) {
    return m -> m.node(type, List.of("x"), "y", attributes);
  }

  private static AttributeProto oneValue(float value) {
    return tensorAttribute("value", OnnxTensors.ofFloats("", new long[] {1}, new float[] {value}));
  }

  private static TinyModels normalized(TinyModels m, AttributeProto... attributes) {
    return m.weight("g", 1, 4)
        .weight("b", 1, 4)
        .weight("m", 1, 4)
        .weight("v", new float[] {1, 2, 3, 4}, 4)
        .node("BatchNormalization", List.of("x", "g", "b", "m", "v"), "y", attributes);
  }

  private static TinyModels grouped(TinyModels m, long affine) {
    return m.weight("g", 1, affine)
        .weight("b", 1, affine)
        .node(
            "GroupNormalization",
            List.of("x", "g", "b"),
            "y",
            intAttribute("num_groups", 2),
            floatAttribute("epsilon", 1e-3f));
  }

  private static TinyModels transposed(TinyModels m, AttributeProto... attributes) {
    return m.weight("w", 0.3, 4, 3, 3, 3)
        .weight("b", 0.3, 3)
        .node("ConvTranspose", List.of("x", "w", "b"), "y", attributes);
  }

  static Stream<Arguments> forms() {
    return Stream.of(attributes(), inputs(), activations(), wholes()).flatMap(s -> s);
  }

  private static Stream<Arguments> attributes() {
    return Stream.of(
        form(9, "Clip", one("Clip", floatAttribute("min", 0.3f), floatAttribute("max", 0.6f))),
        form(9, "Clip below", one("Clip", floatAttribute("max", 0.6f))),
        form(
            9,
            "Slice",
            one(
                "Slice",
                intsAttribute("starts", 1, -3),
                intsAttribute("ends", 3, 1000),
                intsAttribute("axes", 1, 3))),
        form(9, "Pad", one("Pad", intsAttribute("pads", 0, 0, 1, 2, 0, 0, 0, 1))),
        form(
            9,
            "Pad at the edge",
            one(
                "Pad",
                intsAttribute("pads", 0, 0, 1, 2, 0, 0, 0, 1),
                stringAttribute("mode", "edge"))),
        form(9, "Softmax over all but the first axis", one("Softmax")),
        form(11, "LogSoftmax over the last two axes", one("LogSoftmax", intAttribute("axis", 2))),
        form(13, "Softmax over the last axis", one("Softmax")),
        form(9, "ReduceSum", one("ReduceSum", intsAttribute("axes", 1, 2))),
        form(9, "Dropout", one("Dropout", floatAttribute("ratio", 0.3f))),
        form(9, "BatchNormalization", m -> normalized(m, floatAttribute("epsilon", 0.1f))),
        form(14, "BatchNormalization", m -> normalized(m, intAttribute("training_mode", 0))),
        form(15, "BatchNormalization", OperatorFormsTest::normalized),
        form(
            9,
            "Unsqueeze and Squeeze",
            m ->
                m.node("Unsqueeze", List.of("x"), "u", intsAttribute("axes", 0, 3))
                    .node("Squeeze", List.of("u"), "y", intsAttribute("axes", 3, 0))),
        form(
            9,
            "Split",
            m ->
                m.node(
                        "Split",
                        List.of("x"),
                        List.of("a", "b"),
                        intAttribute("axis", 2),
                        intsAttribute("split", 3, 3))
                    .node("Sub", List.of("a", "b"), "y")),
        form(
            9,
            "TopK",
            m ->
                m.node(
                    "TopK",
                    List.of("x"),
                    List.of("y", "i"),
                    intAttribute("axis", 1),
                    intAttribute("k", 2))),
        form(
            9,
            "Scatter",
            m ->
                m.longs("i", new long[] {3, 1, 1, 2}, 0, 3, 2, 3, 1, 0)
                    .weight("u", 1, 3, 1, 1, 2)
                    .node("Scatter", List.of("x", "i", "u"), "y", intAttribute("axis", 2))),
        form(
            9,
            "Cast, ConstantOfShape and Where",
            m ->
                m.longs("dims", 6)
                    .number("half", 0.5f)
                    .node("Less", List.of("x", "half"), "c")
                    .node("ConstantOfShape", List.of("dims"), "filled", oneValue(3))
                    .node("Where", List.of("c", "x", "filled"), "y")));
  }

  private static Stream<Arguments> inputs() {
    return Stream.of(
        form(
            18,
            "ReduceMean",
            m ->
                m.longs("a", -1)
                    .node("ReduceMean", List.of("x", "a"), "y", intAttribute("keepdims", 0))),
        form(18, "ReduceMax over all axes", one("ReduceMax")),
        form(18, "ReduceL2 of nothing", one("ReduceL2", intAttribute("noop_with_empty_axes", 1))),
        form(
            18,
            "ReduceLogSum and ReduceLogSumExp",
            m ->
                m.longs("a", 1, 2)
                    .node("ReduceLogSum", List.of("x", "a"), "s")
                    .node("ReduceLogSumExp", List.of("x", "a"), "e")
                    .node("Add", List.of("s", "e"), "y")),
        form(
            18,
            "Split in uneven parts",
            m ->
                m.node(
                        "Split",
                        List.of("x"),
                        List.of("a", "b", "c", "d"),
                        intAttribute("axis", 1),
                        intAttribute("num_outputs", 4))
                    .node("Concat", List.of("d", "b"), "y", intAttribute("axis", 1))),
        form(
            18,
            "Pad of one axis",
            m ->
                m.longs("p", 1, 2)
                    .longs("a", 3)
                    .number("v", 0.7f)
                    .node("Pad", List.of("x", "p", "v", "a"), "y")),
        form(
            19,
            "Pad around",
            m ->
                m.longs("p", 0, 0, 1, 2, 0, 0, 0, 1)
                    .node("Pad", List.of("x", "p"), "y", stringAttribute("mode", "wrap"))),
        form(13, "Clip above", m -> m.number("low", 0.3f).node("Clip", List.of("x", "low"), "y")),
        form(
            13,
            "Clip below",
            m -> m.number("high", 0.3f).node("Clip", List.of("x", "", "high"), "y")),
        form(
            13,
            "Dropout with a ratio",
            m -> m.number("ratio", 0.3f).node("Dropout", List.of("x", "ratio"), "y")),
        form(
            14,
            "CumSum backwards without the value itself",
            m ->
                m.longs("a", new long[0], -1)
                    .node(
                        "CumSum",
                        List.of("x", "a"),
                        "y",
                        intAttribute("exclusive", 1),
                        intAttribute("reverse", 1))),
        form(
            14,
            "Trilu off the diagonal",
            m ->
                m.longs("k", new long[0], -1)
                    .node("Trilu", List.of("x", "k"), "y", intAttribute("upper", 1))),
        form(18, "GroupNormalization", m -> grouped(m, 2)),
        form(21, "GroupNormalization", m -> grouped(m, 4)),
        form(
            15,
            "Shape from and to an axis",
            m ->
                m.node(
                        "Shape",
                        List.of("x"),
                        "s",
                        intAttribute("start", -3),
                        intAttribute("end", -1))
                    .node("Cast", List.of("s"), "y", intAttribute("to", 1))),
        form(
            13,
            "Constant forms",
            m ->
                m.node("Constant", List.of(), "a", floatAttribute("value_float", 0.3f))
                    .node("Constant", List.of(), "i", intsAttribute("value_ints", 0, -1, 36))
                    .node("Constant", List.of(), "b", floats("value_floats", 0.3f, 4, 5))
                    .node("Reshape", List.of("x", "i"), "r")
                    .node("Sub", List.of("r", "a"), "d")
                    .node("Constant", List.of(), "k", intAttribute("value_int", 1))
                    .node("Gather", List.of("b", "k"), "g")
                    .node("Mul", List.of("d", "g"), "y")),
        form(
            13,
            "a cast to float64 and back",
            m ->
                m.node("Cast", List.of("x"), "d", intAttribute("to", 11))
                    .node("Sqrt", List.of("d"), "s")
                    .node("Cast", List.of("s"), "y", intAttribute("to", 1))));
  }

  private static AttributeProto floats(String name, float... values) {
    AttributeProto.Builder floats =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
    for (float value : values) {
      floats.addFloats(value);
    }
    return floats.build();
  }

  private static Stream<Arguments> activations() {
    return Stream.of(
        form(20, "Gelu", one("Gelu")),
        form(20, "Gelu by tanh", one("Gelu", stringAttribute("approximate", "tanh"))),
        form(18, "Mish", one("Mish")),
        form(9, "Selu", one("Selu")),
        form(12, "Celu", one("Celu", floatAttribute("alpha", 0.7f))),
        form(10, "ThresholdedRelu", one("ThresholdedRelu", floatAttribute("alpha", 0.5f))),
        form(9, "Tan", one("Tan")),
        form(9, "Asin", one("Asin")),
        form(9, "Acos", one("Acos")),
        form(9, "Atan", one("Atan")),
        form(9, "Sinh", one("Sinh")),
        form(9, "Cosh", one("Cosh")),
        form(9, "Asinh", one("Asinh")),
        form(
            9,
            "Atanh",
            m ->
                m.number("c", 0.5f)
                    .node("Mul", List.of("x", "c"), "h")
                    .node("Atanh", List.of("h"), "y")),
        form(
            9,
            "Acosh",
            m ->
                m.number("c", 1f)
                    .node("Add", List.of("x", "c"), "h")
                    .node("Acosh", List.of("h"), "y")),
        form(9, "LpNormalization", one("LpNormalization", intAttribute("axis", 1))),
        form(9, "LpNormalization by magnitude", one("LpNormalization", intAttribute("p", 1))),
        form(13, "MeanVarianceNormalization", one("MeanVarianceNormalization")),
        form(
            9,
            "hard swish as its parts",
            m ->
                m.node(
                        "HardSigmoid",
                        List.of("x"),
                        "h",
                        floatAttribute("alpha", 1f / 6),
                        floatAttribute("beta", 0.5f))
                    .node("Mul", List.of("x", "h"), "y")));
  }

  private static Stream<Arguments> wholes() {
    return Stream.of(
        form(
            12,
            "Einsum",
            m ->
                m.weight("w", 1, 4, 6, 5)
                    .node(
                        "Einsum",
                        List.of("x", "w"),
                        "y",
                        stringAttribute("equation", "b c i j, c j k -> b i k"))),
        form(
            12,
            "Einsum over any axes",
            m ->
                m.weight("w", 1, 6, 5)
                    .node(
                        "Einsum",
                        List.of("x", "w"),
                        "y",
                        stringAttribute("equation", "...i,ij->...j"))),
        form(
            13,
            "Mod of either kind",
            m ->
                m.number("c", -0.3f)
                    .node("Mod", List.of("x", "c"), "f", intAttribute("fmod", 1))
                    .longs("seven", -7)
                    .node("Shape", List.of("x"), "s")
                    .node("Mod", List.of("s", "seven"), "n")
                    .node("Cast", List.of("n"), "i", intAttribute("to", 1))
                    .node("ReduceMean", List.of("i"), "mean")
                    .node("Add", List.of("f", "mean"), "y")),
        form(
            10,
            "IsInf of one sign",
            m ->
                m.number("zero", 0)
                    .number("half", 0.5f)
                    .node("Sub", List.of("x", "half"), "c")
                    .node("Div", List.of("c", "zero"), "d")
                    .node("IsInf", List.of("d"), "i", intAttribute("detect_negative", 0))
                    .node("Where", List.of("i", "x", "half"), "y")),
        form(13, "SpaceToDepth", one("SpaceToDepth", intAttribute("blocksize", 2))),
        form(
            11,
            "Range of floats",
            m ->
                m.number("from", 0.5f)
                    .number("to", 6.4f)
                    .number("by", 1)
                    .node("Range", List.of("from", "to", "by"), "r")
                    .node("Mul", List.of("x", "r"), "y")),
        form(
            17,
            "root-mean-square normalisation as the runtime writes it",
            m ->
                m.weight("g", 1, 6)
                    .node(
                        "SimplifiedLayerNormalization",
                        List.of("x", "g"),
                        "y",
                        floatAttribute("epsilon", 1e-3f))),
        form(
            11,
            "ConvTranspose with uneven padding",
            m ->
                transposed(
                    m,
                    intsAttribute("strides", 2, 3),
                    intsAttribute("pads", 0, 1, 2, 0),
                    intsAttribute("output_padding", 1, 0))),
        form(
            11,
            "ConvTranspose to a size",
            m ->
                transposed(
                    m, intsAttribute("strides", 2, 2), intsAttribute("output_shape", 12, 11))),
        form(
            11,
            "ConvTranspose to the same size",
            m ->
                transposed(
                    m, intsAttribute("strides", 2, 2), stringAttribute("auto_pad", "SAME_UPPER"))),
        form(
            11,
            "MaxPool rounded up",
            one(
                "MaxPool",
                intsAttribute("kernel_shape", 3, 3),
                intsAttribute("strides", 2, 2),
                intAttribute("ceil_mode", 1))),
        form(
            12,
            "MaxPool rounded up, padded and dilated",
            one(
                "MaxPool",
                intsAttribute("kernel_shape", 2, 2),
                intsAttribute("strides", 2, 2),
                intsAttribute("dilations", 2, 2),
                intsAttribute("pads", 1, 1, 1, 1),
                intAttribute("ceil_mode", 1))),
        form(
            19,
            "AveragePool rounded up",
            one(
                "AveragePool",
                intsAttribute("kernel_shape", 3, 3),
                intsAttribute("strides", 2, 2),
                intAttribute("ceil_mode", 1))),
        form(
            19,
            "AveragePool rounded up and padded",
            one(
                "AveragePool",
                intsAttribute("kernel_shape", 3, 3),
                intsAttribute("strides", 2, 2),
                intsAttribute("pads", 1, 1, 1, 1),
                intAttribute("ceil_mode", 1))));
  }

  @ParameterizedTest(name = "{1}, opset {0}")
  @MethodSource("forms")
  void agreesWithOnnxRuntime(int opset, String name, UnaryOperator<TinyModels> nodes)
      throws Exception {
    Agreement.require(nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)), opset);
  }

  @ParameterizedTest(name = "{1}, opset {0}")
  @MethodSource("forms")
  void takesBfloat16(int opset, String name, UnaryOperator<TinyModels> nodes) throws Exception {
    TinyModels model = nodes.apply(new TinyModels(7).input("x", -1, 4, 6, 6)).output("y");
    Agreement.requireInBfloat16(model, opset);
  }
}
