package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a teacher so that normalisation which follows a Conv or Gemm is part of its weight and
 * bias.
 *
 * <p>Teachers come with their normalisation kept or folded; after this both are alike. Exact in
 * real arithmetic: {@code γ(Wx + b − μ)/√(v + ε) + β}. Constants that pass through Identity,
 * Transpose or Constant nodes become initializers first. Normalisation elsewhere stays as it is,
 * and so does that of a layer whose weight is shared.
 */
final class NormalizationFolding {

  private final OnnxModel model;
  private final Map<String, TensorProto> initializers;
  private final WeightSharing sharing;
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Map<String, Integer> uses = new HashMap<>();
  private final List<NodeProto> nodes;
  private final Set<String> taken = new HashSet<>();

  private NormalizationFolding(OnnxModel model, WeightSharing sharing) {
    this.model = model;
    this.initializers = new LinkedHashMap<>(model.initializers());
    this.sharing = sharing;
    this.nodes = new ArrayList<>(withoutConstants(model.nodes()));
    for (NodeProto node : nodes) {
      node.getOutputList().forEach(output -> producers.put(output, node));
      node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    model.proto().getGraph().getOutputList().forEach(o -> uses.merge(o.getName(), 1, Integer::sum));
    model.proto().getGraph().getInputList().forEach(input -> taken.add(input.getName()));
    model.nodes().forEach(node -> taken.addAll(node.getOutputList()));
  }

  static OnnxModel apply(OnnxModel model, WeightSharing sharing) throws MalformedException {
    return new NormalizationFolding(model, sharing).fold();
  }

  private List<NodeProto> withoutConstants(List<NodeProto> all) {
    Set<String> outputs = new HashSet<>();
    model.proto().getGraph().getOutputList().forEach(output -> outputs.add(output.getName()));
    List<NodeProto> kept = new ArrayList<>();
    for (NodeProto node : all) {
      TensorProto value = constantOf(node);
      if (value == null || outputs.contains(node.getOutput(0))) {
        kept.add(node);
      } else {
        initializers.put(node.getOutput(0), value.toBuilder().setName(node.getOutput(0)).build());
      }
    }
    return kept;
  }

  /**
   * Large float constants only: the small ones of shape arithmetic stay where they are, and so do
   * matrices that several nodes read, which would be stored twice.
   */
  private @Nullable TensorProto constantOf(NodeProto node) {
    if (node.getOpType().equals("Identity")) {
      TensorProto stored = initializers.get(node.getInput(0));
      boolean doubled = sharing.isShared(node.getOutput(0)) && stored != null && !isVector(stored);
      return doubled ? null : stored;
    }
    if (node.getOpType().equals("Transpose") && !sharing.isShared(node.getOutput(0))) {
      TensorProto stored = initializers.get(node.getInput(0));
      return stored != null && isMatrix(stored) && turns(node) ? transposed(stored) : null;
    }
    if (node.getOpType().equals("Constant")) {
      return node.getAttributeList().stream()
          .filter(attribute -> attribute.getName().equals("value"))
          .map(attribute -> attribute.getT())
          .filter(t -> t.getDataType() == TensorProto.DataType.FLOAT_VALUE && t.getDimsCount() > 0)
          .findFirst()
          .orElse(null);
    }
    return null;
  }

  private static boolean isVector(TensorProto tensor) {
    return tensor.getDimsCount() < 2;
  }

  private static boolean isMatrix(TensorProto tensor) {
    return tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE && tensor.getDimsCount() == 2;
  }

  private static boolean turns(NodeProto transpose) {
    return Arrays.equals(Attributes.ints(transpose, "perm", 1, 0), new long[] {1, 0});
  }

  private static TensorProto transposed(TensorProto matrix) {
    int rows = Math.toIntExact(matrix.getDims(0));
    int columns = Math.toIntExact(matrix.getDims(1));
    float[] stored = OnnxTensors.floats(matrix);
    float[] values = new float[stored.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        values[column * rows + row] = stored[row * columns + column];
      }
    }
    return OnnxTensors.ofFloats(matrix.getName(), new long[] {columns, rows}, values);
  }

  private OnnxModel fold() throws MalformedException {
    Map<String, NodeProto> replaced = new HashMap<>();
    Set<NodeProto> dropped = new HashSet<>();
    for (NodeProto node : nodes) {
      if (!node.getOpType().equals("BatchNormalization") || !isInference(node)) {
        continue;
      }
      NodeProto producer = producers.get(node.getInput(0));
      if (producer == null || uses.getOrDefault(node.getInput(0), 0) != 1) {
        continue;
      }
      NodeProto folded = foldInto(producer, node);
      if (folded != null) {
        replaced.put(node.getInput(0), folded);
        dropped.add(node);
      }
    }
    return rebuild(replaced, dropped);
  }

  private static boolean isInference(NodeProto node) {
    return Attributes.i(node, "training_mode", 0) == 0
        && node.getOutputList().stream().filter(output -> !output.isEmpty()).count() == 1;
  }

  private @Nullable NodeProto foldInto(NodeProto layer, NodeProto norm) throws MalformedException {
    boolean conv = layer.getOpType().equals("Conv");
    boolean gemm =
        layer.getOpType().equals("Gemm")
            && Attributes.i(layer, "transA", 0) == 0
            && Attributes.f(layer, "alpha", 1) == 1
            && Attributes.f(layer, "beta", 1) == 1;
    if (!conv && !gemm) {
      return null;
    }
    TensorProto weight = initializers.get(layer.getInput(1));
    if (sharing.isShared(layer.getInput(1))) {
      return null;
    }
    List<TensorProto> parameters = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      TensorProto parameter = initializers.get(norm.getInput(i));
      if (parameter == null || !isFloat(parameter)) {
        return null;
      }
      parameters.add(parameter);
    }
    boolean biased = layer.getInputCount() > 2 && !layer.getInput(2).isEmpty();
    TensorProto oldBias = biased ? initializers.get(layer.getInput(2)) : null;
    if (weight == null
        || !isFloat(weight)
        || OnnxTensors.elements(weight) == 0
        || (biased && (oldBias == null || !isFloat(oldBias)))) {
      return null;
    }
    if (!conv && weight.getDimsCount() != 2) {
      return null;
    }
    boolean outputsFirst = conv || Attributes.i(layer, "transB", 0) != 0;
    int outputs = Math.toIntExact(weight.getDims(outputsFirst ? 0 : 1));
    if (parameters.stream().anyMatch(p -> OnnxTensors.elements(p) != outputs)
        || (oldBias != null && OnnxTensors.elements(oldBias) != outputs)) {
      return null;
    }
    float[] gamma = OnnxTensors.floats(parameters.get(0));
    float[] beta = OnnxTensors.floats(parameters.get(1));
    float[] mean = OnnxTensors.floats(parameters.get(2));
    float[] variance = OnnxTensors.floats(parameters.get(3));
    double epsilon = Attributes.f(norm, "epsilon", 1e-5f);
    double[] scale = new double[outputs];
    float[] bias = oldBias == null ? new float[outputs] : OnnxTensors.floats(oldBias).clone();
    for (int o = 0; o < outputs; o++) {
      scale[o] = gamma[o] / Math.sqrt(variance[o] + epsilon);
      bias[o] = (float) ((bias[o] - (double) mean[o]) * scale[o] + beta[o]);
      requireFinite(norm, o, scale[o], bias[o]);
    }
    float[] values = OnnxTensors.floats(weight).clone();
    int inputs = values.length / outputs;
    for (int i = 0; i < values.length; i++) {
      int o = outputsFirst ? i / inputs : i % outputs;
      values[i] *= (float) scale[o];
      requireFinite(norm, o, scale[o], values[i]);
    }
    String weightName = fresh(layer.getOutput(0) + "/weight");
    String biasName = fresh(layer.getOutput(0) + "/bias");
    long[] dims = weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
    put(OnnxTensors.ofFloats(weightName, dims, values));
    put(OnnxTensors.ofFloats(biasName, new long[] {outputs}, bias));
    return layer.toBuilder()
        .clearInput()
        .addInput(layer.getInput(0))
        .addInput(weightName)
        .addInput(biasName)
        .setOutput(0, norm.getOutput(0))
        .build();
  }

  private void requireFinite(NodeProto norm, int channel, double scale, float folded)
      throws MalformedException {
    if (!Double.isFinite(scale) || !Float.isFinite(folded)) {
      throw new MalformedException(
          "%s: the normalisation %s of channel %d is not finite (expected: a variance above 0)"
              .formatted(model.origin(), norm.getOutput(0), channel));
    }
  }

  /** A name that nothing in the graph has. */
  private String fresh(String base) {
    String name = base;
    for (int i = 2; initializers.containsKey(name) || taken.contains(name); i++) {
      name = base + "." + i;
    }
    return name;
  }

  private static boolean isFloat(TensorProto tensor) {
    return tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
  }

  private void put(TensorProto tensor) {
    initializers.put(tensor.getName(), tensor);
  }

  private OnnxModel rebuild(Map<String, NodeProto> replaced, Set<NodeProto> dropped)
      throws MalformedException {
    GraphProto.Builder graph = model.proto().getGraph().toBuilder().clearNode().clearInitializer();
    Set<String> used = new HashSet<>();
    graph.getOutputList().forEach(output -> used.add(output.getName()));
    for (NodeProto node : nodes) {
      if (dropped.contains(node)) {
        continue;
      }
      NodeProto kept =
          node.getOutputCount() == 1 ? replaced.getOrDefault(node.getOutput(0), node) : node;
      graph.addNode(kept);
      used.addAll(kept.getInputList());
    }
    initializers.values().stream()
        .filter(tensor -> used.contains(tensor.getName()))
        .forEach(graph::addInitializer);
    graph.clearValueInfo().clearInput();
    model.proto().getGraph().getInputList().stream()
        .filter(input -> !model.initializers().containsKey(input.getName()))
        .forEach(graph::addInput);
    ModelProto proto = model.proto().toBuilder().setGraph(graph).build();
    return OnnxModel.of(proto, model.origin());
  }
}
