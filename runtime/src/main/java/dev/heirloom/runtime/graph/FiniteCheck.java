package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import java.util.HashSet;
import java.util.Set;

/** Checks that a model's constants are numbers, and its weights finite ones. */
final class FiniteCheck {

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
  private final Set<String> weights = new HashSet<>();

  FiniteCheck(OnnxModel model) {
    this.model = model;
    for (NodeProto node : model.nodes()) {
      if (WEIGHED.contains(node.getOpType()) && node.getInputCount() > 1) {
        weights.addAll(node.getInputList().subList(1, node.getInputCount()));
      }
    }
  }

  void run() throws MalformedException {
    for (TensorProto tensor : model.initializers().values()) {
      check(tensor, tensor.getName());
    }
    for (NodeProto node : model.nodes()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasT() && node.getOutputCount() > 0) {
          check(attribute.getT(), node.getOutput(0));
        }
      }
    }
  }

  private void check(TensorProto tensor, String name) throws MalformedException {
    if (!OnnxTensors.isFloatingPoint(tensor)) {
      return;
    }
    boolean weight = weights.contains(name);
    float[] values = OnnxTensors.floats(tensor);
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i]) || (weight && Float.isInfinite(values[i]))) {
        throw new MalformedException(
            "%s: tensor %s holds %s at element %d (expected: finite numbers)"
                .formatted(model.origin(), name, values[i], i));
      }
    }
  }
}
