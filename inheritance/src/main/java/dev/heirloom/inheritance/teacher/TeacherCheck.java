package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import java.util.HashSet;
import java.util.Set;

/**
 * Refuses models that run, but that no family can be made of: those with inputs that samples cannot
 * be for, control flow, functions of their own, sparse or quantised weights, weights that are no
 * finite numbers, or an output that depends on no input.
 */
final class TeacherCheck {

  private static final Set<String> CONTROL_FLOW = Set.of("If", "Loop", "Scan", "SequenceMap");

  private static final Set<String> QUANTISED =
      Set.of(
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "ConvInteger",
          "MatMulInteger");

  private final OnnxModel model;
  private final GraphProto graph;

  private TeacherCheck(OnnxModel model) {
    this.model = model;
    this.graph = model.proto().getGraph();
  }

  static void check(OnnxModel model) throws MalformedException {
    TeacherCheck check = new TeacherCheck(model);
    check.inputs();
    check.kind();
    check.connection();
    model.checkFinite();
  }

  private void inputs() throws MalformedException {
    for (TensorSpec input : model.inputs()) {
      if (!ElementTypes.sampled(input.type())) {
        throw malformed(
            "input %s is %s (expected: %s)"
                .formatted(input.name(), ElementTypes.title(input.type()), ElementTypes.SAMPLED));
      }
    }
  }

  private void kind() throws MalformedException {
    if (model.proto().getFunctionsCount() > 0) {
      throw malformed(
          "it defines the function %s (inline functions before inheriting)"
              .formatted(model.proto().getFunctions(0).getName()));
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw malformed(
          "initializer %s is sparse (export it dense)"
              .formatted(graph.getSparseInitializer(0).getValues().getName()));
    }
    for (NodeProto node : model.nodes()) {
      String operator = node.getOpType();
      boolean inner =
          node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0);
      if (inner || CONTROL_FLOW.contains(operator)) {
        throw malformed(
            "%s is control flow, which cannot be inherited (export the network without it)"
                .formatted(title(node)));
      }
      if (QUANTISED.contains(operator) || operator.startsWith("QLinear")) {
        throw malformed(
            "%s is quantised (inherit from the float32 network, quantise the heirs)"
                .formatted(title(node)));
      }
    }
  }

  /** The first output is what heirs are trained and measured on. */
  private void connection() throws MalformedException {
    if (model.inputs().isEmpty()) {
      throw malformed("the graph has no inputs");
    }
    Set<String> reached = new HashSet<>();
    model.inputs().forEach(input -> reached.add(input.name()));
    for (NodeProto node : model.nodes()) {
      if (node.getInputList().stream().anyMatch(reached::contains)) {
        reached.addAll(node.getOutputList());
      }
    }
    String output = model.outputs().get(0).name();
    if (!reached.contains(output)) {
      throw malformed("output %s depends on no input".formatted(output));
    }
  }

  private static String title(NodeProto node) {
    String name = node.getName().isEmpty() ? node.getOutput(0) : node.getName();
    return "node " + name + " (" + node.getOpType() + ")";
  }

  private MalformedException malformed(String what) {
    return new MalformedException(model.origin() + ": " + what);
  }
}
