package dev.heirloom.inheritance.quantization;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the activations that become 8-bit: what layers with constant weights take and give, and
 * what passes on through additions, joins and pooling. The result of a layer that a rectifier
 * follows becomes 8-bit after the rectifier, so that the runtime computes both at once. The model's
 * outputs stay as they are.
 */
final class QuantizedTensors {
  private final OnnxModel model;
  private final Set<String> outputs = new HashSet<>();
  private final Map<String, Integer> uses = new HashMap<>();
  private final Map<String, String> rectifiers = new HashMap<>();
  private final Map<String, String> ranges = new LinkedHashMap<>();
  private final Set<NodeProto> layers = new HashSet<>();

  private QuantizedTensors(OnnxModel model) {
    this.model = model;
    model.outputs().forEach(output -> outputs.add(output.name()));
    for (NodeProto node : model.nodes()) {
      node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum));
      if (node.getOpType().equals("Relu") || node.getOpType().equals("Clip")) {
        rectifiers.put(node.getInput(0), node.getOutput(0));
      }
    }
    model.nodes().forEach(this::visit);
  }

  /**
   * A choice.
   *
   * @param ranges by tensor that becomes 8-bit, in graph order: the tensor whose range it has
   * @param layers nodes whose weights become 8-bit, too
   */
  record Chosen(Map<String, String> ranges, Set<NodeProto> layers) {}

  static Chosen in(OnnxModel model) {
    QuantizedTensors tensors = new QuantizedTensors(model);
    return new Chosen(tensors.ranges, tensors.layers);
  }

  private void visit(NodeProto node) {
    switch (node.getOpType()) {
      case "Conv", "Gemm", "MatMul" -> layer(node);
      case "Add", "Concat", "AveragePool", "GlobalAveragePool" -> {
        if (ranges.keySet().containsAll(node.getInputList())) {
          choose(result(node));
        }
      }
      case "MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose" -> {
        String range = ranges.get(node.getInput(0));
        if (range != null && !outputs.contains(node.getOutput(0))) {
          ranges.put(node.getOutput(0), range);
        }
      }
      default -> {}
    }
  }

  private void layer(NodeProto node) {
    TensorProto weight = model.initializers().get(node.getInput(1));
    boolean plain =
        !node.getOpType().equals("Gemm")
            || (Attributes.f(node, "alpha", 1) == 1
                && Attributes.f(node, "beta", 1) == 1
                && Attributes.i(node, "transA", 0) == 0);
    if (weight == null
        || weight.getDataType() != TensorProto.DataType.FLOAT_VALUE
        || weight.getDimsCount() < 2
        || (node.getOpType().equals("MatMul") && weight.getDimsCount() != 2)
        || model.initializers().containsKey(node.getInput(0))
        || !plain) {
      return;
    }
    layers.add(node);
    choose(node.getInput(0));
    choose(result(node));
  }

  /** What a node gives, or what its rectifier makes of it. */
  private String result(NodeProto node) {
    String output = node.getOutput(0);
    String rectified = rectifiers.get(output);
    boolean alone = uses.getOrDefault(output, 0) == 1 && !outputs.contains(output);
    return rectified != null && alone ? rectified : output;
  }

  private void choose(String tensor) {
    if (!outputs.contains(tensor)) {
      ranges.putIfAbsent(tensor, tensor);
    }
  }
}
