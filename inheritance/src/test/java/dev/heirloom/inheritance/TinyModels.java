package dev.heirloom.inheritance;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Builds small ONNX models with random weights, node by node. */
public final class TinyModels {

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny");
  private final SplittableRandom random;

  public TinyModels(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A float weight with the given deviation. */
  public TinyModels weight(String name, double deviation, long... dims) {
    int elements = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return weight(name, values, dims);
  }

  public TinyModels weight(String name, float[] values, long... dims) {
    graph.addInitializer(OnnxTensors.ofFloats(name, dims, values));
    return this;
  }

  /** An integer constant with one axis. */
  public TinyModels longs(String name, long... values) {
    graph.addInitializer(OnnxTensors.ofLongs(name, new long[] {values.length}, values));
    return this;
  }

  public TinyModels node(
      String type, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(output + "_node")
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  public TinyModels node(
      String type, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
    node(type, inputs, outputs.get(0), attributes);
    graph.getNodeBuilder(graph.getNodeCount() - 1).addAllOutput(outputs.subList(1, outputs.size()));
    return this;
  }

  /** A constant int64 tensor. */
  public TinyModels longs(String name, long[] dims, long... values) {
    graph.addInitializer(OnnxTensors.ofLongs(name, dims, values));
    return this;
  }

  /** A constant number without axes. */
  public TinyModels number(String name, float value) {
    return weight(name, new float[] {value});
  }

  public TinyModels conv3x3(String input, String weight, String output, long stride) {
    return node(
        "Conv",
        List.of(input, weight),
        output,
        Attributes.intsAttribute("kernel_shape", 3, 3),
        Attributes.intsAttribute("strides", stride, stride),
        Attributes.intsAttribute("pads", 1, 1, 1, 1));
  }

  /** A Conv without bias, normalisation with random statistics, and Relu. */
  public TinyModels block(String input, String output, long in, long out, long stride) {
    String name = output + "_";
    float[] variance = new float[(int) out];
    for (int i = 0; i < variance.length; i++) {
      variance[i] = 0.5f + i % 3;
    }
    return weight(name + "w", Math.sqrt(2.0 / (9 * in)), out, in, 3, 3)
        .weight(name + "g", 0.3, out)
        .weight(name + "b", 0.3, out)
        .weight(name + "m", 0.3, out)
        .weight(name + "v", variance, out)
        .conv3x3(input, name + "w", name + "c", stride)
        .node(
            "BatchNormalization",
            List.of(name + "c", name + "g", name + "b", name + "m", name + "v"),
            name + "n")
        .node("Relu", List.of(name + "n"), output);
  }

  public TinyModels input(String name, long... dims) {
    graph.addInput(value(name, dims));
    return this;
  }

  /** An int64 input with a free batch axis and a free sequence axis. */
  public TinyModels tokens(String name) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("sequence"));
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.INT64_VALUE)
                            .setShape(shape))));
    return this;
  }

  /** An output of scores per position, with a free batch axis and a free sequence axis. */
  public TinyModels scores(String name, long classes) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("sequence"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(classes));
    ValueInfoProto.Builder value = value(name).toBuilder();
    value.getTypeBuilder().getTensorTypeBuilder().setShape(shape);
    graph.addOutput(value);
    return this;
  }

  public TinyModels output(String name, long... dims) {
    graph.addOutput(value(name, dims));
    return this;
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      var dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim < 0 ? dimension.setDimParam("batch") : dimension.setDimValue(dim));
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

  public OnnxModel build() throws MalformedException {
    return build(17);
  }

  /** The model in a version of the standard operator set. */
  public OnnxModel build(int opset) throws MalformedException {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .setGraph(graph)
            .build();
    return OnnxModel.parse(model.toByteArray(), "tiny");
  }
}
