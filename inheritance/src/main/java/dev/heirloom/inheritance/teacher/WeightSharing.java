package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.graph.OnnxModel;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which constants of a graph more than one node reads, whatever names they go by: Identity and
 * Transpose nodes lead back to the constant behind them.
 */
final class WeightSharing {
  private static final Set<String> RENAMING = Set.of("Identity", "Transpose");

  private final Map<String, String> origins = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();

  private WeightSharing() {}

  static WeightSharing of(OnnxModel model) {
    WeightSharing sharing = new WeightSharing();
    model.initializers().keySet().forEach(name -> sharing.origins.put(name, name));
    sharing.read(model.proto().getGraph());
    return sharing;
  }

  private void read(GraphProto graph) {
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Constant")) {
        origins.put(node.getOutput(0), node.getOutput(0));
      } else if (RENAMING.contains(node.getOpType()) && origins.containsKey(node.getInput(0))) {
        origins.put(node.getOutput(0), origins.get(node.getInput(0)));
      } else {
        node.getInputList().forEach(this::count);
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        read(attribute.getG());
        attribute.getGraphsList().forEach(this::read);
      }
    }
    graph.getOutputList().forEach(output -> count(output.getName()));
  }

  private void count(String name) {
    String origin = origins.get(name);
    if (origin != null) {
      readers.merge(origin, 1, Integer::sum);
    }
  }

  /** Whether the constant behind a name has several readers; false for what is not constant. */
  boolean isShared(String name) {
    String origin = origins.get(name);
    return origin != null && readers.getOrDefault(origin, 0) > 1;
  }
}
