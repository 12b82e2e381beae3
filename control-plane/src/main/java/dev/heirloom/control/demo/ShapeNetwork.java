package dev.heirloom.control.demo;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The demo's teacher before it has learned anything: a residual network over square images, three
 * blocks of 64 channels at half the side, two of 128 at a quarter, a score per class.
 */
final class ShapeNetwork {
  static final String INPUT = "image";
  static final String OUTPUT = "scores";

  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;
  private static final float EPSILON = 1e-5f;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("shapes");
  private final int side;
  private final SplittableRandom random;

  private ShapeNetwork(int side, long seed) {
    this.side = side;
    this.random = new SplittableRandom(seed);
  }

  /**
   * The network with weights drawn after He et al. (2015) and unit normalisations.
   *
   * @param side of the images that it takes; its weights do not depend on it
   */
  static ModelProto untrained(int side, long seed) {
    return new ShapeNetwork(side, seed).build();
  }

  private ModelProto build() {
    graph.addInput(value(INPUT, 1, side, side));
    String x = relu(convolution("stem", INPUT, 1, 64, 5, 2));
    x = block("a1", x, 64, 64, 1);
    x = block("a2", x, 64, 64, 1);
    x = block("a3", x, 64, 64, 1);
    x = block("b1", x, 64, 128, 2);
    x = block("b2", x, 128, 128, 1);
    String pooled = node("GlobalAveragePool", "pool", List.of(x));
    String flat = node("Flatten", "flat", List.of(pooled), Attributes.intAttribute("axis", 1));
    head(flat, 128);
    graph.addOutput(value(OUTPUT, ShapeRenderer.classes()));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("heirloom-demo")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph)
        .build();
  }

  /** Two convolutions beside a shortcut. */
  private String block(String name, String x, int from, int to, int stride) {
    String inner = relu(convolution(name + ".first", x, from, to, 3, stride));
    String outer = convolution(name + ".second", inner, to, to, 3, 1);
    String shortcut =
        from == to && stride == 1 ? x : convolution(name + ".shortcut", x, from, to, 1, stride);
    return relu(node("Add", name + ".sum", List.of(outer, shortcut)));
  }

  private String convolution(String name, String x, int from, int to, int kernel, int stride) {
    weight(name + ".weight", 2.0 / (from * kernel * kernel), to, from, kernel, kernel);
    long pad = kernel / 2;
    String y =
        node(
            "Conv",
            name,
            List.of(x, name + ".weight"),
            Attributes.intsAttribute("kernel_shape", kernel, kernel),
            Attributes.intsAttribute("strides", stride, stride),
            Attributes.intsAttribute("pads", pad, pad, pad, pad));
    constant(name + ".gamma", 1, to);
    constant(name + ".beta", 0, to);
    constant(name + ".mean", 0, to);
    constant(name + ".variance", 1, to);
    return node(
        "BatchNormalization",
        name + ".norm",
        List.of(y, name + ".gamma", name + ".beta", name + ".mean", name + ".variance"),
        Attributes.floatAttribute("epsilon", EPSILON));
  }

  private void head(String x, int features) {
    weight("head.weight", 1.0 / features, ShapeRenderer.classes(), features);
    constant("head.bias", 0, ShapeRenderer.classes());
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Gemm")
            .setName("head")
            .addAllInput(List.of(x, "head.weight", "head.bias"))
            .addOutput(OUTPUT)
            .addAttribute(Attributes.intAttribute("transB", 1)));
  }

  private String relu(String x) {
    return node("Relu", x + ".relu", List.of(x));
  }

  private String node(String type, String name, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(name + ".out")
            .addAllAttribute(Arrays.asList(attributes)));
    return name + ".out";
  }

  private void weight(String name, double variance, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (Math.sqrt(variance) * Draws.normal(random));
    }
    graph.addInitializer(OnnxTensors.ofFloats(name, dims, values));
  }

  private void constant(String name, float value, int length) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    graph.addInitializer(OnnxTensors.ofFloats(name, new long[] {length}, values));
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
