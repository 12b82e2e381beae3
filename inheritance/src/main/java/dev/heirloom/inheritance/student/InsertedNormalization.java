package dev.heirloom.inheritance.student;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Puts a batch normalisation after every convolution, and after every linear layer that an
 * activation follows. Teachers come with theirs folded away; without any, a deep network that
 * starts from nothing hardly learns. After training they fold into the layers before them.
 */
final class InsertedNormalization {
  private static final float EPSILON = 1e-5f;
  private static final Set<String> ACTIVATIONS =
      Set.of("Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid");

  private InsertedNormalization() {}

  static OnnxModel in(OnnxModel model) throws MalformedException {
    Map<String, Set<String>> readers = new HashMap<>();
    for (NodeProto node : model.nodes()) {
      for (String input : node.getInputList()) {
        readers.computeIfAbsent(input, name -> new HashSet<>()).add(node.getOpType());
      }
    }
    Set<String> outputs = new HashSet<>();
    model.outputs().forEach(output -> outputs.add(output.name()));
    GraphProto.Builder graph = model.proto().getGraph().toBuilder().clearNode().clearValueInfo();
    for (NodeProto node : model.nodes()) {
      Set<String> next = readers.getOrDefault(node.getOutput(0), Set.of());
      if (outputs.contains(node.getOutput(0)) || !normalizes(model, node, next)) {
        graph.addNode(node);
        continue;
      }
      String output = node.getOutput(0);
      graph.addNode(node.toBuilder().setOutput(0, output + "/raw"));
      graph.addNode(normalization(graph, output, channels(model, node)));
    }
    return OnnxModel.of(model.proto().toBuilder().setGraph(graph).build(), "student");
  }

  private static boolean normalizes(OnnxModel model, NodeProto node, Set<String> next) {
    boolean constant =
        node.getInputCount() > 1 && model.initializers().containsKey(node.getInput(1));
    return switch (node.getOpType()) {
      case "Conv" -> constant && !next.contains("BatchNormalization");
      case "Gemm" -> constant && !next.isEmpty() && ACTIVATIONS.containsAll(next);
      default -> false;
    };
  }

  private static int channels(OnnxModel model, NodeProto node) {
    boolean outputsFirst = node.getOpType().equals("Conv") || Attributes.i(node, "transB", 0) != 0;
    List<Long> dims =
        Objects.requireNonNull(model.initializers().get(node.getInput(1))).getDimsList();
    return Math.toIntExact(dims.get(outputsFirst ? 0 : 1));
  }

  private static NodeProto normalization(GraphProto.Builder graph, String output, int channels) {
    constant(graph, output + "/gamma", 1, channels);
    constant(graph, output + "/beta", 0, channels);
    constant(graph, output + "/mean", 0, channels);
    constant(graph, output + "/variance", 1, channels);
    return NodeProto.newBuilder()
        .setOpType("BatchNormalization")
        .setName(output + "/norm")
        .addInput(output + "/raw")
        .addInput(output + "/gamma")
        .addInput(output + "/beta")
        .addInput(output + "/mean")
        .addInput(output + "/variance")
        .addOutput(output)
        .addAttribute(Attributes.floatAttribute("epsilon", EPSILON))
        .build();
  }

  private static void constant(GraphProto.Builder graph, String name, float value, int length) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    graph.addInitializer(OnnxTensors.ofFloats(name, new long[] {length}, values));
  }
}
