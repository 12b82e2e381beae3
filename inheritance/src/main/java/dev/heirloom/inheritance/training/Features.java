package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Where a graph's features are: what goes into the last layer with weights before an output. */
final class Features {

  private Features() {}

  /**
   * The name of that value; empty where the layer takes an input of the graph, or there is none.
   *
   * @param output name of the output
   */
  static Optional<String> of(GraphProto graph, String output) {
    Set<String> weights =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    Set<String> inputs =
        graph.getInputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
    Set<String> wanted = new HashSet<>(Set.of(output));
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = graph.getNode(i);
      if (node.getOutputList().stream().noneMatch(wanted::contains)) {
        continue;
      }
      if (isLayer(node, weights)) {
        return Optional.of(node.getInput(0)).filter(name -> !inputs.contains(name));
      }
      wanted.addAll(node.getInputList());
    }
    return Optional.empty();
  }

  private static boolean isLayer(NodeProto node, Set<String> weights) {
    return Operators.isFactorPair(node)
        || switch (node.getOpType()) {
          case "Conv", "Gemm", "MatMul" -> weights.contains(node.getInput(1));
          default -> false;
        };
  }
}
