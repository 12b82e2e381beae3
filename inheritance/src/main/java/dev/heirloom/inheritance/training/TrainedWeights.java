package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorProto.DataType;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Finds the dense weights that a graph can be trained by. */
final class TrainedWeights {
  /** Larger values in an addend are a mask, not a bias. */
  private static final float LARGEST_BIAS = 1e4f;

  private TrainedWeights() {}

  /**
   * Names of the float32 initializers that are weights, biases or affine parameters.
   *
   * @param whole whether the network is trained as a whole, its embeddings included, and not only
   *     beside its factored layers
   */
  static Set<String> of(GraphProto graph, boolean whole) {
    Map<String, TensorProto> initializers = new HashMap<>();
    graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
    Map<String, String> origins = new HashMap<>();
    Set<String> trained = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Identity") || node.getOpType().equals("Transpose")) {
        origins.put(node.getOutput(0), origins.getOrDefault(node.getInput(0), node.getInput(0)));
      }
      for (int i = 0; i < node.getInputCount(); i++) {
        String name = origins.getOrDefault(node.getInput(i), node.getInput(i));
        TensorProto tensor = initializers.get(name);
        if (tensor != null
            && tensor.getDataType() == DataType.FLOAT_VALUE
            && (isWeight(node.getOpType(), i, tensor)
                || (whole && isEmbedding(node.getOpType(), i, tensor)))) {
          trained.add(name);
        }
      }
    }
    return trained;
  }

  private static boolean isWeight(String operator, int input, TensorProto tensor) {
    return switch (operator) {
      case "Conv", "ConvTranspose", "Gemm" -> input == 1 || input == 2;
      case "MatMul" -> tensor.getDimsCount() == 2 || isMatrix(tensor);
      case "LayerNormalization",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization" ->
          input == 1 || input == 2;
      case "RMSNormalization", "SimplifiedLayerNormalization" -> input == 1;
      case "PRelu" -> input == 1;
      case "Add", "Mul" -> isVector(tensor) && isModerate(tensor);
      default -> false;
    };
  }

  /** Whether several axes are longer than one; a stack of one vector holds frequencies. */
  private static boolean isMatrix(TensorProto tensor) {
    return tensor.getDimsList().stream().filter(d -> d > 1).count() > 1;
  }

  /** A table that rows are taken from, or a value per position and channel. */
  private static boolean isEmbedding(String operator, int input, TensorProto tensor) {
    boolean table = operator.equals("Gather") && input == 0 && tensor.getDimsCount() == 2;
    return table || (operator.equals("Add") && tensor.getDimsCount() >= 2 && isModerate(tensor));
  }

  /** Whether exactly one axis is longer than one: a value per channel. */
  private static boolean isVector(TensorProto tensor) {
    return tensor.getDimsList().stream().filter(d -> d > 1).count() == 1;
  }

  private static boolean isModerate(TensorProto tensor) {
    for (float value : OnnxTensors.floats(tensor)) {
      if (!(Math.abs(value) <= LARGEST_BIAS)) {
        return false;
      }
    }
    return true;
  }
}
