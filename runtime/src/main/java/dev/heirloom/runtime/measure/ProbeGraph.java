package dev.heirloom.runtime.measure;

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

/**
 * The graph of a micro-probe under construction: one chain of operators. Its input {@code x} is one
 * number and its output a single value or a few, so that what goes in and out costs nothing.
 */
final class ProbeGraph {

  static final String INPUT = "x";

  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("micro-probe");
  private String last = INPUT;
  private int names;

  /** Begins with the input alone. */
  static ProbeGraph scalar() {
    return new ProbeGraph();
  }

  /** Begins with a tensor of a shape, which the input is added to. */
  static ProbeGraph of(long... dims) {
    return new ProbeGraph().constant("Add", dims);
  }

  /** An operator with the chain's end as its only input. */
  ProbeGraph node(String operator, AttributeProto... attributes) {
    return add(operator, List.of(last), attributes);
  }

  /** An operator with the chain's end and a constant of a shape. */
  ProbeGraph constant(String operator, long... dims) {
    return add(operator, List.of(last, weight(dims)));
  }

  /** A normalisation of the last axis, of a width. */
  ProbeGraph normalized(long width) {
    return add(
        "LayerNormalization",
        List.of(last, weight(width), weight(width)),
        Attributes.intAttribute("axis", -1));
  }

  /** A convolution that keeps the image's extent, and its activation. */
  ProbeGraph convolved(long outputs, long inputs, long kernel) {
    long pad = kernel / 2;
    return add(
            "Conv",
            List.of(last, weight(outputs, inputs, kernel, kernel), weight(outputs)),
            Attributes.intsAttribute("pads", pad, pad, pad, pad))
        .node("Relu");
  }

  /** The whole model, its output the mean over all axes but the first two. */
  byte[] pooled() {
    return node("GlobalAveragePool").onnx();
  }

  /** The whole model, its output the mean over the first axis. */
  byte[] averaged() {
    return node(
            "ReduceMean",
            Attributes.intsAttribute("axes", 0),
            Attributes.intAttribute("keepdims", 0))
        .onnx();
  }

  /** The whole model as a file's content. */
  byte[] onnx() {
    graph.addInput(value(INPUT, 1));
    graph.addOutput(value(last));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private ProbeGraph add(String operator, List<String> inputs, AttributeProto... attributes) {
    String output = "t" + names++;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(Arrays.asList(attributes)));
    last = output;
    return this;
  }

  /** A constant whose values are small, of both signs and neither zero nor denormal. */
  private String weight(long... dims) {
    String name = "w" + names++;
    float[] values = new float[Math.toIntExact(OnnxTensors.elements(name, dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 29 % 64 - 31.5f) / 512;
    }
    graph.addInitializer(OnnxTensors.ofFloats(name, dims, values));
    return name;
  }

  private static ValueInfoProto value(String name, long... dims) {
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
    if (dims.length > 0) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (long dim : dims) {
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
      }
      type.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
