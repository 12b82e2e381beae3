package dev.heirloom.bench.network;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** An ONNX graph that grows node by node; each method gives the name of the value that it adds. */
public final class GraphBuilder {
  private static final int IR_VERSION = 8;
  private static final int LEAST_OPSET = 9;
  private static final int LARGEST_OPSET = 22;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
  private final int opset;
  private final SplittableRandom random;
  private final Map<String, Integer> uses = new HashMap<>();
  private String scope = "";

  /**
   * Starts an empty graph.
   *
   * @param opset version of the standard operator set, 9..22
   * @param seed of the random weights
   */
  public GraphBuilder(int opset, long seed) {
    if (opset < LEAST_OPSET || opset > LARGEST_OPSET) {
      throw new IllegalArgumentException(
          "opset: %d (expected: %d..%d)".formatted(opset, LEAST_OPSET, LARGEST_OPSET));
    }
    this.opset = opset;
    this.random = new SplittableRandom(seed);
  }

  public int opset() {
    return opset;
  }

  /** Names of what is added from here on start with this. */
  public GraphBuilder at(String place) {
    scope = place + "/";
    return this;
  }

  private String unique(String base) {
    String name = scope + base;
    int use = uses.merge(name, 1, Integer::sum);
    return use == 1 ? name : name + "_" + use;
  }

  /**
   * A float32 input.
   *
   * @param dims of one sample; -1 where an axis is free
   */
  public String input(String name, long... dims) {
    graph.addInput(value(name, TensorProto.DataType.FLOAT, dims));
    return name;
  }

  /**
   * An int64 input.
   *
   * @param dims of one sample; -1 where an axis is free
   */
  public String tokens(String name, long... dims) {
    graph.addInput(value(name, TensorProto.DataType.INT64, dims));
    return name;
  }

  /**
   * Makes a value an output under a name of its own; no node may have taken the value yet.
   *
   * @param dims of one sample; -1 where an axis is free
   */
  public void output(String name, String value, long... dims) {
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      int place = node.getOutputList().indexOf(value);
      if (place >= 0) {
        node.setOutput(place, name);
        graph.addOutput(value(name, TensorProto.DataType.FLOAT, dims));
        return;
      }
    }
    throw new IllegalArgumentException("output: " + value + " (expected: a node's value)");
  }

  private static ValueInfoProto value(String name, TensorProto.DataType type, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("batch");
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < 0) {
        shape.addDimBuilder().setDimParam("axis_" + (i + 1));
      } else {
        shape.addDimBuilder().setDimValue(dims[i]);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** A node with one output. */
  public String node(String operator, List<String> inputs, AttributeProto... attributes) {
    return nodes(operator, inputs, 1, attributes).get(0);
  }

  /** A node with several outputs. */
  public List<String> nodes(
      String operator, List<String> inputs, int outputs, AttributeProto... attributes) {
    String name = unique(operator);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add(name + "_output_" + i);
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addAllOutput(names)
            .addAllAttribute(List.of(attributes)));
    return names;
  }

  /** A weight of independent Gaussian values. */
  public String gaussian(String name, double deviation, long... dims) {
    float[] values = new float[Math.toIntExact(OnnxTensors.elements(name, dims))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return weight(name, values, dims);
  }

  /** A weight whose values are all alike. */
  public String filled(String name, float value, long... dims) {
    float[] values = new float[Math.toIntExact(OnnxTensors.elements(name, dims))];
    Arrays.fill(values, value);
    return weight(name, values, dims);
  }

  /** A weight of these values, row-major. */
  public String weight(String name, float[] values, long... dims) {
    String own = unique(name);
    graph.addInitializer(OnnxTensors.ofFloats(own, dims, values));
    return own;
  }

  /** A constant number. */
  public String number(float value) {
    return constant(OnnxTensors.ofFloats("", new long[0], new float[] {value}));
  }

  /** A constant list of int64. */
  public String integers(long... values) {
    return constant(OnnxTensors.ofLongs("", new long[] {values.length}, values));
  }

  /** A constant int64 without axes. */
  public String integer(long value) {
    return constant(OnnxTensors.ofLongs("", new long[0], new long[] {value}));
  }

  private String constant(TensorProto value) {
    return node("Constant", List.of(), Attributes.tensorAttribute("value", value));
  }

  /**
   * The graph as a model.
   *
   * @throws MalformedException if the graph is not whole
   */
  public OnnxModel model() throws MalformedException {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("heirloom")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset));
    return OnnxModel.of(model.setGraph(graph).build(), "network");
  }
}
