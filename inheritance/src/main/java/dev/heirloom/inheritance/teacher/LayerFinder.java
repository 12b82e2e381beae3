package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Finds the layers of a teacher that may be factored, and says of each other why it may not. */
final class LayerFinder {

  private final OnnxModel model;
  private final WeightSharing sharing;
  private final Set<String> names = new HashSet<>();
  private final List<DenseLayer> layers = new ArrayList<>();
  private final Map<String, String> leftDense = new LinkedHashMap<>();

  private LayerFinder(OnnxModel model, WeightSharing sharing) {
    this.model = model;
    this.sharing = sharing;
  }

  /** What was found: layers in graph order, and reasons by name of node. */
  record Found(List<DenseLayer> layers, Map<String, String> leftDense) {}

  /**
   * Looks through a folded teacher.
   *
   * @param sharing in the teacher as it came
   */
  static Found in(OnnxModel model, WeightSharing sharing) {
    LayerFinder finder = new LayerFinder(model, sharing);
    for (NodeProto node : model.nodes()) {
      switch (node.getOpType()) {
        case "Conv", "Gemm", "MatMul" -> finder.look(node);
        default -> {}
      }
    }
    return new Found(List.copyOf(finder.layers), Map.copyOf(finder.leftDense));
  }

  private void look(NodeProto node) {
    String name = uniqueName(node);
    if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
      return;
    }
    String weightName = node.getInputCount() > 1 ? node.getInput(1) : "";
    TensorProto weight = model.initializers().get(weightName);
    if (sharing.isShared(weightName)) {
      leave(name, "its weight is shared with another layer");
    } else if (weight == null) {
      leave(name, "its weight is not constant");
    } else if (model.initializers().containsKey(node.getInput(0))) {
      leave(name, "its input is constant");
    } else if (weight.getDataType() != TensorProto.DataType.FLOAT_VALUE) {
      leave(name, "its weight is not float32");
    } else if (OnnxTensors.elements(weight) == 0) {
      leave(name, "its weight is empty");
    } else if (node.getOpType().equals("Conv")) {
      convolution(name, node, weight);
    } else {
      linear(name, node, weight);
    }
  }

  private void leave(String name, String reason) {
    leftDense.put(name, reason);
  }

  private String uniqueName(NodeProto node) {
    String base = node.getName().isEmpty() ? node.getOutput(0) : node.getName();
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "#" + i;
    }
    return name;
  }

  private void convolution(String name, NodeProto node, TensorProto weight) {
    int axes = weight.getDimsCount() - 2;
    if (Attributes.i(node, "group", 1) != 1) {
      leave(name, "it is a grouped convolution");
      return;
    }
    if (axes < 1 || axes > 2) {
      leave(name, "it has " + axes + " spatial axes (1 or 2 can be factored)");
      return;
    }
    List<Integer> kernel =
        IntStream.range(0, axes).mapToObj(i -> Math.toIntExact(weight.getDims(i + 2))).toList();
    List<Integer> strides = ints(Attributes.ints(node, "strides", ones(axes)));
    List<Integer> dilations = ints(Attributes.ints(node, "dilations", ones(axes)));
    String autoPad = Attributes.s(node, "auto_pad", "NOTSET");
    List<Integer> pads;
    switch (autoPad) {
      case "NOTSET" -> pads = ints(Attributes.ints(node, "pads", new long[2 * axes]));
      case "VALID" -> pads = ints(new long[2 * axes]);
      default -> {
        if (strides.stream().anyMatch(stride -> stride != 1)) {
          leave(name, "its padding (" + autoPad + ") depends on the size of its input");
          return;
        }
        pads = samePads(kernel, dilations, autoPad.equals("SAME_LOWER"));
      }
    }
    int outputs = Math.toIntExact(weight.getDims(0));
    if (!hasPlainBias(node, outputs)) {
      leave(name, "its bias is not one constant per output");
      return;
    }
    float[] bias = biasOf(node, outputs, 1);
    layers.add(
        new DenseLayer(
            name,
            node,
            LayerKind.LAYER_KIND_CONV,
            outputs,
            kernel,
            new DenseLayer.Window(strides, pads, dilations),
            OnnxTensors.floats(weight),
            bias));
  }

  private static List<Integer> samePads(
      List<Integer> kernel, List<Integer> dilations, boolean lower) {
    List<Integer> begins = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < kernel.size(); i++) {
      int total = (kernel.get(i) - 1) * dilations.get(i);
      int larger = total - total / 2;
      begins.add(lower ? larger : total - larger);
      ends.add(lower ? total - larger : larger);
    }
    begins.addAll(ends);
    return begins;
  }

  private void linear(String name, NodeProto node, TensorProto weight) {
    boolean gemm = node.getOpType().equals("Gemm");
    if (weight.getDimsCount() != 2) {
      leave(name, "its weight has " + weight.getDimsCount() + " axes (2 can be factored)");
      return;
    }
    if (gemm && Attributes.i(node, "transA", 0) != 0) {
      leave(name, "its input is transposed");
      return;
    }
    boolean outputsFirst = gemm && Attributes.i(node, "transB", 0) != 0;
    int rows = Math.toIntExact(weight.getDims(0));
    int columns = Math.toIntExact(weight.getDims(1));
    float alpha = gemm ? Attributes.f(node, "alpha", 1) : 1;
    float beta = gemm ? Attributes.f(node, "beta", 1) : 1;
    int outputs = outputsFirst ? rows : columns;
    int inputs = outputsFirst ? columns : rows;
    float[] stored = OnnxTensors.floats(weight);
    float[] values = new float[stored.length];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        values[o * inputs + i] = alpha * stored[outputsFirst ? o * inputs + i : i * outputs + o];
      }
    }
    if (gemm && !hasPlainBias(node, outputs)) {
      leave(name, "its bias is not one constant per output");
      return;
    }
    if (!Float.isFinite(alpha) || !Float.isFinite(beta) || !areFinite(values)) {
      leave(name, "its alpha or beta makes it infinite");
      return;
    }
    layers.add(
        new DenseLayer(
            name,
            node,
            LayerKind.LAYER_KIND_LINEAR,
            outputs,
            List.of(),
            DenseLayer.Window.NONE,
            values,
            gemm ? biasOf(node, outputs, beta) : new float[outputs]));
  }

  /** Whether the node has no bias, or one float32 constant per output. */
  private boolean hasPlainBias(NodeProto node, int outputs) {
    if (node.getInputCount() <= 2 || node.getInput(2).isEmpty()) {
      return true;
    }
    TensorProto bias = model.initializers().get(node.getInput(2));
    return bias != null
        && bias.getDataType() == TensorProto.DataType.FLOAT_VALUE
        && OnnxTensors.elements(bias) == outputs;
  }

  private static boolean areFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private float[] biasOf(NodeProto node, int outputs, float factor) {
    TensorProto bias = node.getInputCount() > 2 ? model.initializers().get(node.getInput(2)) : null;
    if (bias == null) {
      return new float[outputs];
    }
    float[] values = OnnxTensors.floats(bias).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  private static long[] ones(int number) {
    return IntStream.range(0, number).mapToLong(i -> 1).toArray();
  }

  private static List<Integer> ints(long[] values) {
    return Arrays.stream(values).mapToObj(Math::toIntExact).toList();
  }
}
