package dev.heirloom.inheritance.student;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Draws a network's weights anew, after He et al. (2015): normal, with a variance of 2 over the
 * inputs of a layer that a rectifier follows, of 1 over them otherwise; biases 0, scales 1. Other
 * constants keep their values.
 */
final class FreshWeights {
  /** Larger values in an addend are a mask, not a bias. */
  private static final float LARGEST_BIAS = 1e4f;

  private static final double EMBEDDING_DEVIATION = 0.02;
  private static final float PRELU_SLOPE = 0.25f;
  private static final Set<String> RECTIFIERS =
      Set.of("Relu", "LeakyRelu", "PRelu", "Clip", "HardSwish", "Gelu", "BatchNormalization");

  private final OnnxModel model;
  private final SplittableRandom random;
  private final Map<String, float[]> drawn = new HashMap<>();
  private final Set<String> rectified = new HashSet<>();

  private FreshWeights(OnnxModel model, long seed) {
    this.model = model;
    this.random = new SplittableRandom(seed);
    for (NodeProto node : model.nodes()) {
      if (RECTIFIERS.contains(node.getOpType())) {
        rectified.add(node.getInput(0));
      }
    }
    model.nodes().forEach(this::visit);
  }

  static OnnxModel in(OnnxModel model, long seed) throws MalformedException {
    FreshWeights fresh = new FreshWeights(model, seed);
    GraphProto.Builder graph = model.proto().getGraph().toBuilder().clearInitializer();
    for (TensorProto tensor : model.initializers().values()) {
      float[] values = fresh.drawn.get(tensor.getName());
      graph.addInitializer(
          values == null ? tensor : OnnxTensors.ofFloats(tensor.getName(), dims(tensor), values));
    }
    return OnnxModel.of(model.proto().toBuilder().setGraph(graph).build(), "student");
  }

  private static long[] dims(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  private void visit(NodeProto node) {
    switch (node.getOpType()) {
      case "Conv" -> {
        normal(node, 1, dims -> Arrays.stream(dims).skip(1).reduce(1, Math::multiplyExact));
        fill(node, 2, 0);
      }
      case "Gemm" -> {
        boolean outputsFirst = Attributes.i(node, "transB", 0) != 0;
        normal(node, 1, dims -> dims[outputsFirst ? 1 : 0]);
        fill(node, 2, 0);
      }
      case "MatMul" -> normal(node, 1, dims -> dims.length < 2 ? 1 : dims[dims.length - 2]);
      case "BatchNormalization" -> {
        affine(node);
        fill(node, 3, 0);
        fill(node, 4, 1);
      }
      case "LayerNormalization", "InstanceNormalization" -> affine(node);
      case "PRelu" -> fill(node, 1, PRELU_SLOPE);
      case "Gather" -> embedding(node);
      case "Add" -> vectors(node, 0);
      case "Mul" -> vectors(node, 1);
      default -> {}
    }
  }

  private void affine(NodeProto node) {
    fill(node, 1, 1);
    fill(node, 2, 0);
  }

  private interface Inputs {
    /** How many values one output is a sum of. */
    long of(long[] dims);
  }

  private void normal(NodeProto node, int input, Inputs inputs) {
    TensorProto tensor = weight(node, input);
    if (tensor != null) {
      double gain = rectified.contains(node.getOutput(0)) ? 2 : 1;
      draw(tensor, Math.sqrt(gain / Math.max(1, inputs.of(dims(tensor)))));
    }
  }

  private void embedding(NodeProto node) {
    TensorProto table = weight(node, 0);
    if (table != null && table.getDimsCount() == 2) {
      draw(table, EMBEDDING_DEVIATION);
    }
  }

  private void draw(TensorProto tensor, double deviation) {
    float[] values = new float[Math.toIntExact(OnnxTensors.elements(tensor))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    drawn.put(tensor.getName(), values);
  }

  private void fill(NodeProto node, int input, float value) {
    TensorProto tensor = weight(node, input);
    if (tensor != null) {
      float[] values = new float[Math.toIntExact(OnnxTensors.elements(tensor))];
      Arrays.fill(values, value);
      drawn.put(tensor.getName(), values);
    }
  }

  /** Biases, scales and positions that stand by themselves, and not masks. */
  private void vectors(NodeProto node, float value) {
    for (int input = 0; input < node.getInputCount(); input++) {
      TensorProto tensor = weight(node, input);
      if (tensor == null || !isModerate(tensor)) {
        continue;
      }
      if (tensor.getDimsList().stream().filter(dim -> dim > 1).count() == 1) {
        fill(node, input, value);
      } else if (node.getOpType().equals("Add") && tensor.getDimsCount() >= 2) {
        draw(tensor, EMBEDDING_DEVIATION);
      }
    }
  }

  private static boolean isModerate(TensorProto tensor) {
    for (float value : OnnxTensors.floats(tensor)) {
      if (!(Math.abs(value) <= LARGEST_BIAS)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable TensorProto weight(NodeProto node, int input) {
    TensorProto tensor =
        node.getInputCount() > input ? model.initializers().get(node.getInput(input)) : null;
    boolean trained = tensor != null && tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
    return trained ? tensor : null;
  }
}
