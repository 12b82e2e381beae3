package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.HashSet;
import java.util.Set;

/**
 * Refuses models that run, but that no family can be made of: those with control flow, functions of
 * their own, sparse or quantised weights, weights that are no finite numbers, or an output that
 * depends on no input.
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

  /** Operators whose inputs from the second on are weights, not masks, which may be infinite. */
  private static final Set<String> WEIGHED =
      Set.of(
          "Conv",
          "ConvTranspose",
          "Gemm",
          "MatMul",
          "BatchNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "GroupNormalization",
          "PRelu");

  private final OnnxModel model;
  private final GraphProto graph;

  private TeacherCheck(OnnxModel model) {
    this.model = model;
    this.graph = model.proto().getGraph();
  }

  static void check(OnnxModel model) throws MalformedException {
    TeacherCheck check = new TeacherCheck(model);
    check.kind();
    check.connection();
    check.numbers();
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

  private void numbers() throws MalformedException {
    Set<String> weights = new HashSet<>();
    for (NodeProto node : model.nodes()) {
      if (WEIGHED.contains(node.getOpType()) && node.getInputCount() > 1) {
        weights.addAll(node.getInputList().subList(1, node.getInputCount()));
      }
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      finite(tensor, tensor.getName(), weights.contains(tensor.getName()));
    }
    for (NodeProto node : model.nodes()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasT() && node.getOutputCount() > 0) {
          String name = node.getOutput(0);
          finite(attribute.getT(), name, weights.contains(name));
        }
      }
    }
  }

  private void finite(TensorProto tensor, String name, boolean weight) throws MalformedException {
    if (!OnnxTensors.isFloatingPoint(tensor)) {
      return;
    }
    float[] values = OnnxTensors.floats(tensor);
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i]) || (weight && Float.isInfinite(values[i]))) {
        throw malformed(
            "tensor %s holds %s at element %d (expected: finite numbers)"
                .formatted(name, values[i], i));
      }
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
