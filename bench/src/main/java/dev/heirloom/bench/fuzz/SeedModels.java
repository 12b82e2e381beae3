package dev.heirloom.bench.fuzz;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static dev.heirloom.runtime.graph.Attributes.tensorAttribute;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.List;
import java.util.SplittableRandom;

/** Sound models, each of a few kilobytes, that hostile ones are made from. */
public final class SeedModels {
  /** The file beside the model in which {@link #external()} keeps a weight. */
  public static final String WEIGHTS = "weights.bin";

  private SeedModels() {}

  /** All of them; the order never changes, so that a number names a model. */
  public static List<ModelProto> all() {
    return List.of(
        residual(),
        perceptron(),
        attention(),
        depthwise(),
        constants(),
        typed(),
        branching(),
        quantised(),
        external(),
        reshaping());
  }

  private static GraphSketch block(
      GraphSketch sketch, String in, String out, long from, long to, long stride) {
    return sketch
        .weight(out + "_w", to, from, 3, 3)
        .weight(out + "_b", to)
        .ones(out + "_g", to)
        .weight(out + "_m", to)
        .ones(out + "_v", to)
        .node(
            "Conv",
            List.of(in, out + "_w"),
            out + "_c",
            intsAttribute("kernel_shape", 3, 3),
            intsAttribute("strides", stride, stride),
            intsAttribute("pads", 1, 1, 1, 1),
            intsAttribute("dilations", 1, 1),
            intAttribute("group", 1))
        .node(
            "BatchNormalization",
            List.of(out + "_c", out + "_g", out + "_b", out + "_m", out + "_v"),
            out + "_n",
            floatAttribute("epsilon", 1e-5f))
        .node("Relu", List.of(out + "_n"), out);
  }

  /** Convolutions with normalisation, a shortcut, pooling and a classifier. */
  static ModelProto residual() {
    GraphSketch sketch = new GraphSketch(1).input("x", -1, 3, 8, 8);
    block(sketch, "x", "a", 3, 8, 1);
    block(sketch, "a", "b", 8, 8, 1);
    sketch.node("Add", List.of("a", "b"), "s");
    block(sketch, "s", "c", 8, 12, 2);
    return sketch
        .node(
            "MaxPool",
            List.of("c"),
            "q",
            intsAttribute("kernel_shape", 2, 2),
            intsAttribute("strides", 2, 2))
        .node("GlobalAveragePool", List.of("q"), "p")
        .node("Flatten", List.of("p"), "f")
        .weight("w", 5, 12)
        .weight("wb", 5)
        .node("Gemm", List.of("f", "w", "wb"), "y", intAttribute("transB", 1))
        .output("y", -1, 5)
        .model(17);
  }

  static ModelProto perceptron() {
    return new GraphSketch(2)
        .input("x", -1, 12)
        .weight("w1", 12, 16)
        .weight("b1", 16)
        .node("MatMul", List.of("x", "w1"), "m")
        .node("Add", List.of("m", "b1"), "s")
        .node("Relu", List.of("s"), "r")
        .weight("w2", 16, 16)
        .weight("b2", 16)
        .node(
            "Gemm",
            List.of("r", "w2", "b2"),
            "g",
            floatAttribute("alpha", 0.5f),
            floatAttribute("beta", 2))
        .node("Tanh", List.of("g"), "t")
        .weight("w3", 16, 4)
        .node("MatMul", List.of("t", "w3"), "y")
        .output("y", -1, 4)
        .model(13);
  }

  /** One attention block over embedded tokens, with the shape arithmetic of exporters. */
  static ModelProto attention() {
    return new GraphSketch(3)
        .integers("tokens", -1, 6)
        .weight("table", 10, 8)
        .node("Gather", List.of("table", "tokens"), "e")
        .ones("ln_g", 8)
        .weight("ln_b", 8)
        .node("LayerNormalization", List.of("e", "ln_g", "ln_b"), "n", intAttribute("axis", -1))
        .weight("wq", 8, 8)
        .weight("wk", 8, 8)
        .weight("wv", 8, 8)
        .node("MatMul", List.of("n", "wq"), "q")
        .node("MatMul", List.of("n", "wk"), "k")
        .node("MatMul", List.of("n", "wv"), "v")
        .node("Transpose", List.of("k"), "kt", intsAttribute("perm", 0, 2, 1))
        .node("MatMul", List.of("q", "kt"), "qk")
        .node("Softmax", List.of("qk"), "p", intAttribute("axis", -1))
        .node("MatMul", List.of("p", "v"), "a")
        .node("Shape", List.of("a"), "shape")
        .longs("zero", 0)
        .longs("first", 0)
        .longs("one", 1)
        .node("Slice", List.of("shape", "first", "one", "zero"), "batch")
        .longs("rest", -1)
        .node("Concat", List.of("batch", "rest"), "flatshape", intAttribute("axis", 0))
        .node("Reshape", List.of("a", "flatshape"), "f")
        .weight("w", 48, 10)
        .node("MatMul", List.of("f", "w"), "y")
        .output("y", -1, 10)
        .model(17);
  }

  /** Grouped, dilated, one-dimensional and automatically padded convolutions. */
  static ModelProto depthwise() {
    return new GraphSketch(4)
        .input("x", -1, 4, 12)
        .weight("d", 4, 1, 3)
        .node(
            "Conv",
            List.of("x", "d"),
            "a",
            intAttribute("group", 4),
            stringAttribute("auto_pad", "SAME_UPPER"))
        .weight("p", 6, 4, 1)
        .weight("pb", 6)
        .node("Conv", List.of("a", "p", "pb"), "b")
        .weight("w", 6, 6, 3)
        .node(
            "Conv",
            List.of("b", "w"),
            "c",
            intsAttribute("dilations", 2),
            intsAttribute("pads", 2, 2),
            intsAttribute("strides", 2))
        .node("HardSwish", List.of("c"), "h")
        .node(
            "AveragePool",
            List.of("h"),
            "q",
            intsAttribute("kernel_shape", 2),
            intsAttribute("strides", 2))
        .node(
            "ReduceMean", List.of("q"), "y", intsAttribute("axes", 2), intAttribute("keepdims", 0))
        .output("y", -1, 6)
        .model(14);
  }

  /** Weights in Constant nodes, behind an Identity, and shared between layers. */
  static ModelProto constants() {
    GraphSketch sketch = new GraphSketch(5).input("x", -1, 6);
    return sketch
        .node("Constant", List.of(), "w", tensorAttribute("value", sketch.tensor("", 6, 6)))
        .weight("stored", 6, 6)
        .node("Identity", List.of("stored"), "same")
        .node("MatMul", List.of("x", "w"), "a")
        .node("MatMul", List.of("a", "same"), "b")
        .weight("shared", 6, 6)
        .node("MatMul", List.of("b", "shared"), "c")
        .node("MatMul", List.of("c", "shared"), "y")
        .output("y", -1, 6)
        .model(11);
  }

  /** Values in the typed fields instead of raw bytes, and in other formats than float32. */
  static ModelProto typed() {
    TensorProto.Builder plain =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(4)
            .addDims(4);
    TensorProto.Builder half =
        TensorProto.newBuilder()
            .setName("h")
            .setDataType(TensorProto.DataType.FLOAT16_VALUE)
            .addDims(4)
            .addDims(4);
    for (int i = 0; i < 16; i++) {
      plain.addFloatData(i / 16f);
      half.addInt32Data(0x3800 + i);
    }
    return new GraphSketch(6)
        .input("x", -1, 4)
        .initializer(plain.build())
        .initializer(half.build())
        .node("MatMul", List.of("x", "w"), "a")
        .node("Cast", List.of("h"), "hf", intAttribute("to", TensorProto.DataType.FLOAT_VALUE))
        .node("MatMul", List.of("a", "hf"), "y")
        .output("y", -1, 4)
        .model(13);
  }

  /** Control flow around a layer. */
  static ModelProto branching() {
    GraphProto then =
        new GraphSketch(7)
            .weight("w", 4, 4)
            .node("MatMul", List.of("x", "w"), "o")
            .output("o", -1, 4)
            .graph();
    GraphProto otherwise =
        new GraphSketch(8).node("Neg", List.of("x"), "i").output("i", -1, 4).graph();
    return new GraphSketch(9)
        .input("x", -1, 4)
        .initializer(
            OnnxTensors.ofRaw(
                "flag",
                TensorProto.DataType.BOOL_VALUE,
                new long[] {1},
                ByteString.copyFrom(new byte[] {1})))
        .node(
            "If",
            List.of("flag"),
            "y",
            graphAttribute("then_branch", then),
            graphAttribute("else_branch", otherwise))
        .output("y", -1, 4)
        .model(16);
  }

  private static AttributeProto graphAttribute(String name, GraphProto graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  /** A weight of eight bits that is scaled before it is used. */
  static ModelProto quantised() {
    byte[] bytes = new byte[16];
    new SplittableRandom(10).nextBytes(bytes);
    return new GraphSketch(11)
        .input("x", -1, 4)
        .initializer(
            OnnxTensors.ofRaw(
                "q",
                TensorProto.DataType.INT8_VALUE,
                new long[] {4, 4},
                ByteString.copyFrom(bytes)))
        .initializer(OnnxTensors.ofFloats("scale", new long[] {}, new float[] {0.01f}))
        .node("DequantizeLinear", List.of("q", "scale"), "w")
        .node("MatMul", List.of("x", "w"), "y")
        .output("y", -1, 4)
        .model(13);
  }

  /** A weight in a file of its own: the first 64 bytes of {@value #WEIGHTS}. */
  static ModelProto external() {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(4)
            .addDims(4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", WEIGHTS))
            .addExternalData(entry("offset", "0"))
            .addExternalData(entry("length", "64"));
    return new GraphSketch(12)
        .input("x", -1, 4)
        .initializer(tensor.build())
        .node("MatMul", List.of("x", "w"), "y")
        .output("y", -1, 4)
        .model(13);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** Operators whose constant inputs say how large their outputs are. */
  static ModelProto reshaping() {
    return new GraphSketch(13)
        .input("x", -1, 2, 4, 4)
        .weight("w", 4, 2, 3, 3)
        .longs("pads", 0, 0, 1, 1, 0, 0, 1, 1)
        .node("Pad", List.of("x", "pads"), "p", stringAttribute("mode", "constant"))
        .node("Conv", List.of("p", "w"), "c")
        .initializer(OnnxTensors.ofFloats("scales", new long[] {4}, new float[] {1, 1, 2, 2}))
        .node("Resize", List.of("c", "", "scales"), "r", stringAttribute("mode", "nearest"))
        .longs("starts", 0, 1)
        .longs("ends", 4, 7)
        .longs("axes", 2, 3)
        .node("Slice", List.of("r", "starts", "ends", "axes"), "s")
        .longs("wide", 1, 4, 4, 6)
        .node("Expand", List.of("s", "wide"), "e")
        .longs("repeats", 1, 1, 2, 1)
        .node("Tile", List.of("e", "repeats"), "t")
        .longs("fill", 6)
        .node("ConstantOfShape", List.of("fill"), "z")
        .node("Add", List.of("t", "z"), "u")
        .longs("to", 0, -1)
        .node("Reshape", List.of("u", "to"), "y")
        .output("y", -1, -1)
        .model(17);
  }
}
