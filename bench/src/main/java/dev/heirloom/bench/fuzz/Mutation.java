package dev.heirloom.bench.fuzz;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Changes one field of a model to something that a hostile or careless writer might put there. */
final class Mutation {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    3,
    7,
    16,
    255,
    65_536,
    1 << 28,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final float[] FLOATS = {
    0, -1, 1e-30f, 1e30f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };
  private static final List<String> OPERATORS =
      List.of(
          "Conv",
          "Gemm",
          "MatMul",
          "BatchNormalization",
          "Identity",
          "Constant",
          "Relu",
          "Add",
          "ConvTranspose",
          "If",
          "Loop",
          "Reshape",
          "Flatten",
          "Softmax",
          "Gather",
          "MaxPool",
          "QLinearConv",
          "DequantizeLinear",
          "LayerNormalization",
          "Split",
          "Concat",
          "FactorPair",
          "Resize",
          "Pad",
          "Slice",
          "Expand",
          "LSTM",
          "Einsum",
          "TopK",
          "NonMaxSuppression",
          "");
  private static final List<String> LOCATIONS =
      List.of(
          "../secret",
          "/etc/hostname",
          "",
          ".",
          "weights.bin",
          "no\nsuch",
          "a\0b",
          "x".repeat(9000));

  private final SplittableRandom random;
  private final GraphProto.Builder graph;
  private final ModelProto.Builder model;

  private Mutation(ModelProto model, SplittableRandom random) {
    this.random = random;
    this.model = model.toBuilder();
    this.graph = model.getGraph().toBuilder();
  }

  /** The model with one field changed. */
  static ModelProto of(ModelProto model, SplittableRandom random) {
    Mutation mutation = new Mutation(model, random);
    mutation.apply();
    return mutation.model.setGraph(mutation.graph).build();
  }

  private void apply() {
    switch (random.nextInt(14)) {
      case 0, 1 -> initializer();
      case 2, 3 -> values();
      case 4, 5 -> node();
      case 6, 7, 8 -> attribute();
      case 9 -> order();
      case 10 -> graphValue(random.nextBoolean());
      case 11 -> version();
      case 12 -> nesting();
      default -> external();
    }
  }

  private int any(int count) {
    return random.nextInt(Math.max(1, count));
  }

  private long number() {
    return random.nextBoolean() ? random.nextInt(-4, 20) : NUMBERS[any(NUMBERS.length)];
  }

  /** A name that the graph has, or none, or one that nothing has. */
  private String name() {
    List<String> names = new ArrayList<>(List.of("", "ghost", "new\nline", "ü\u0000"));
    graph.getInitializerList().forEach(t -> names.add(t.getName()));
    graph.getNodeList().forEach(n -> names.addAll(n.getOutputList()));
    graph.getInputList().forEach(i -> names.add(i.getName()));
    return names.get(any(names.size()));
  }

  private void initializer() {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    int at = any(graph.getInitializerCount());
    TensorProto.Builder tensor = graph.getInitializer(at).toBuilder();
    switch (random.nextInt(7)) {
      case 0, 1 -> {
        if (tensor.getDimsCount() > 0) {
          tensor.setDims(any(tensor.getDimsCount()), number());
        }
      }
      case 2 -> tensor.addDims(number());
      case 3 -> tensor.setDataType(random.nextInt(30));
      case 4 -> tensor.setName(name());
      case 5 -> {
        List<Long> dims = new ArrayList<>(tensor.getDimsList());
        Collections.reverse(dims);
        tensor.clearDims().addAllDims(dims);
      }
      default -> {
        graph.removeInitializer(at);
        return;
      }
    }
    graph.setInitializer(at, tensor);
  }

  /** Numbers inside a constant: not finite, too large, or too few. */
  private void values() {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    int at = any(graph.getInitializerCount());
    TensorProto.Builder tensor = graph.getInitializer(at).toBuilder();
    byte[] raw = tensor.getRawData().toByteArray();
    boolean wide = tensor.getDataType() == TensorProto.DataType.INT64_VALUE;
    int size = wide ? Long.BYTES : Float.BYTES;
    if (raw.length < size) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    int element = any(raw.length / size) * size;
    if (wide) {
      bytes.putLong(element, number());
    } else {
      bytes.putFloat(element, FLOATS[any(FLOATS.length)]);
    }
    int kept = random.nextInt(8) == 0 ? any(raw.length) : raw.length;
    graph.setInitializer(at, tensor.setRawData(ByteString.copyFrom(raw, 0, kept)));
  }

  private void node() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = any(graph.getNodeCount());
    NodeProto.Builder node = graph.getNode(at).toBuilder();
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        if (node.getInputCount() > 0) {
          node.setInput(any(node.getInputCount()), name());
        }
      }
      case 2 -> {
        List<String> inputs = new ArrayList<>(node.getInputList());
        node.clearInput().addAllInput(inputs.subList(0, any(inputs.size())));
      }
      case 3 -> node.addInput(name());
      case 4 -> node.addOutput(name());
      case 5 -> node.clearOutput();
      case 6 -> node.setOpType(OPERATORS.get(any(OPERATORS.size())));
      default -> node.setDomain(random.nextBoolean() ? "dev.heirloom" : "com.microsoft");
    }
    graph.setNode(at, node);
  }

  private void attribute() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = any(graph.getNodeCount());
    for (int i = 0; i < graph.getNodeCount(); i++) {
      if (graph.getNode((at + i) % graph.getNodeCount()).getAttributeCount() > 0) {
        at = (at + i) % graph.getNodeCount();
        break;
      }
    }
    NodeProto.Builder node = graph.getNode(at).toBuilder();
    if (node.getAttributeCount() == 0) {
      return;
    }
    int which = any(node.getAttributeCount());
    AttributeProto.Builder attribute = node.getAttribute(which).toBuilder();
    switch (random.nextInt(7)) {
      case 0, 1, 2 -> {
        if (attribute.getIntsCount() > 0) {
          attribute.setInts(any(attribute.getIntsCount()), number());
        } else if (attribute.hasF()) {
          attribute.setF(FLOATS[any(FLOATS.length)]);
        } else if (attribute.hasS()) {
          attribute.setS(ByteString.copyFromUtf8(name()));
        } else {
          attribute.setI(number());
        }
      }
      case 3 -> attribute.addInts(number());
      case 4 -> attribute.clearInts();
      case 5 -> {
        node.addAttribute(attribute);
        graph.setNode(at, node);
        return;
      }
      default ->
          attribute.setType(List.of(AttributeProto.AttributeType.values()).get(random.nextInt(15)));
    }
    graph.setNode(at, node.setAttribute(which, attribute));
  }

  /** Nodes that are missing, doubled or out of order. */
  private void order() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = any(graph.getNodeCount());
    NodeProto node = graph.getNode(at);
    switch (random.nextInt(3)) {
      case 0 -> graph.removeNode(at);
      case 1 -> graph.addNode(any(graph.getNodeCount()), node);
      default -> {
        graph.removeNode(at);
        graph.addNode(0, node);
      }
    }
  }

  private void graphValue(boolean ofInput) {
    List<ValueInfoProto> values =
        new ArrayList<>(ofInput ? graph.getInputList() : graph.getOutputList());
    if (values.isEmpty()) {
      return;
    }
    int at = any(values.size());
    ValueInfoProto.Builder value = values.get(at).toBuilder();
    var type = value.getTypeBuilder().getTensorTypeBuilder();
    switch (random.nextInt(6)) {
      case 0 -> value.setName(name());
      case 1 -> type.setElemType(random.nextInt(20));
      case 2 -> type.clearShape();
      case 3, 4 -> {
        if (type.getShape().getDimCount() > 0) {
          int axis = any(type.getShape().getDimCount());
          type.getShapeBuilder().getDimBuilder(axis).setDimValue(number());
        }
      }
      default -> values.add(value.build());
    }
    values.set(at, value.build());
    if (ofInput) {
      graph.clearInput().addAllInput(values);
    } else {
      graph.clearOutput().addAllOutput(values);
    }
  }

  private void version() {
    switch (random.nextInt(4)) {
      case 0 -> model.setIrVersion(number());
      case 1 -> model.clearOpsetImport();
      default -> {
        if (model.getOpsetImportCount() > 0) {
          long version = random.nextBoolean() ? random.nextInt(1, 25) : number();
          model.getOpsetImportBuilder(0).setVersion(version);
        }
      }
    }
  }

  /** The whole graph inside a node of itself, several times. */
  private void nesting() {
    GraphProto inner = graph.build();
    int depth = random.nextInt(1, 6);
    for (int i = 0; i < depth; i++) {
      NodeProto node =
          NodeProto.newBuilder()
              .setOpType(random.nextBoolean() ? "If" : "Loop")
              .addInput(name())
              .addOutput("nested" + i)
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("body")
                      .setType(AttributeProto.AttributeType.GRAPH)
                      .setG(inner))
              .build();
      inner = graph.build().toBuilder().clearInitializer().clearNode().addNode(node).build();
      if (inner.getSerializedSize() > 1 << 20) {
        break;
      }
    }
    graph.clear().mergeFrom(inner);
  }

  private void external() {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    int at = any(graph.getInitializerCount());
    TensorProto.Builder tensor = graph.getInitializer(at).toBuilder().clearExternalData();
    tensor
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", LOCATIONS.get(any(LOCATIONS.size()))))
        .addExternalData(entry("offset", Long.toString(number())))
        .addExternalData(entry("length", random.nextBoolean() ? "x" : Long.toString(number())));
    graph.setInitializer(at, tensor);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
