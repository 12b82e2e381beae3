package dev.heirloom.bench.fuzz;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A small graph that is written down node by node, its weights drawn at random. */
public final class GraphSketch {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("sketch");
  private final SplittableRandom random;

  public GraphSketch(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A float32 input; -1 is a free axis. */
  public GraphSketch input(String name, long... dims) {
    graph.addInput(value(name, TensorProto.DataType.FLOAT_VALUE, dims));
    return this;
  }

  /** An int64 input; -1 is a free axis. */
  public GraphSketch integers(String name, long... dims) {
    graph.addInput(value(name, TensorProto.DataType.INT64_VALUE, dims));
    return this;
  }

  public GraphSketch output(String name, long... dims) {
    graph.addOutput(value(name, TensorProto.DataType.FLOAT_VALUE, dims));
    return this;
  }

  /** A float32 weight of normally distributed values, deviation 0.3. */
  public GraphSketch weight(String name, long... dims) {
    graph.addInitializer(tensor(name, dims));
    return this;
  }

  /** A float32 weight of ones. */
  public GraphSketch ones(String name, long size) {
    float[] values = new float[Math.toIntExact(size)];
    Arrays.fill(values, 1);
    graph.addInitializer(OnnxTensors.ofFloats(name, new long[] {size}, values));
    return this;
  }

  public GraphSketch longs(String name, long... values) {
    graph.addInitializer(OnnxTensors.ofLongs(name, new long[] {values.length}, values));
    return this;
  }

  public GraphSketch initializer(TensorProto tensor) {
    graph.addInitializer(tensor);
    return this;
  }

  /** A tensor of normally distributed values, deviation 0.3. */
  public TensorProto tensor(String name, long... dims) {
    int elements = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (0.3 * random.nextGaussian());
    }
    return OnnxTensors.ofFloats(name, dims, values);
  }

  public GraphSketch node(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(output + "_node")
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(Arrays.asList(attributes)));
    return this;
  }

  public GraphProto graph() {
    return graph.build();
  }

  public ModelProto model(int opset) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build();
  }

  private static ValueInfoProto value(String name, int dataType, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      var dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim < 0 ? dimension.setDimParam("free") : dimension.setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(dataType).setShape(shape)))
        .build();
  }
}
