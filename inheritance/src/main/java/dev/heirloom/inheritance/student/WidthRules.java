package dev.heirloom.inheritance.student;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds which axes of a graph's tensors have to change together when a layer is made narrower.
 *
 * <p>Every Conv, Gemm and MatMul with a constant weight has a width of its own; what follows it
 * takes that width over. Where an operator does not let a changed axis through, the axis stays as
 * it is.
 */
final class WidthRules {
  private final Map<String, long[]> shapes;
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, List<Extent>> extents = new HashMap<>();
  private final Map<String, Extent> groups = new HashMap<>();
  private final Map<String, List<Extent>> reshaped = new HashMap<>();
  private final List<Width> widths = new ArrayList<>();
  private boolean computesShapes;

  /**
   * @param shapes of every tensor that a node gives, for one sample
   */
  WidthRules(OnnxModel model, Map<String, long[]> shapes) {
    this.shapes = shapes;
    constants.putAll(model.initializers());
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("Constant")) {
        Attributes.tensor(node, "value").ifPresent(t -> constants.put(node.getOutput(0), t));
      }
    }
    model.nodes().forEach(this::visit);
    model.outputs().forEach(output -> freeze(output.name()));
    if (computesShapes) {
      joinEqual();
    }
  }

  /** A shape that the graph computes mostly comes from another tensor of the same width. */
  private void joinEqual() {
    Map<Long, Width> first = new HashMap<>();
    for (Width width : widths()) {
      first.computeIfAbsent(width.original(), size -> width).join(width);
    }
  }

  /** Widths that may change; those that are joined come once for each of their layers. */
  List<Width> widths() {
    return widths.stream().filter(width -> !width.frozen()).toList();
  }

  /** Lengths of a tensor's axes. */
  List<Extent> of(String tensor) {
    List<Extent> known = extents.get(tensor);
    if (known != null) {
      return known;
    }
    TensorProto constant = constants.get(tensor);
    List<Extent> fixed = fixed(constant == null ? shape(tensor) : dims(constant));
    extents.put(tensor, fixed);
    return fixed;
  }

  /** A constant tensor of the graph. */
  TensorProto constant(String name) {
    TensorProto constant = constants.get(name);
    if (constant == null) {
      throw new IllegalArgumentException("tensor " + name + ": not constant");
    }
    return constant;
  }

  /** Number of groups of a depthwise convolution, by its output. */
  Optional<Extent> groups(String output) {
    return Optional.ofNullable(groups.get(output));
  }

  /** Lengths that a reshape with a constant shape gives, by its output. */
  Optional<List<Extent>> reshaped(String output) {
    return Optional.ofNullable(reshaped.get(output));
  }

  private long[] shape(String tensor) {
    long[] shape = shapes.get(tensor);
    if (shape == null) {
      throw new IllegalStateException("tensor " + tensor + ": its shape is not known");
    }
    return shape;
  }

  private static long[] dims(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  private static List<Extent> fixed(long[] dims) {
    return Arrays.stream(dims).mapToObj(Extent::of).toList();
  }

  private void freeze(String tensor) {
    of(tensor).forEach(Extent::freeze);
  }

  /** Says how long a constant's axes are; one that has more than one use has to suit all. */
  private void define(String constant, List<Extent> lengths) {
    List<Extent> before = extents.putIfAbsent(constant, lengths);
    if (before != null) {
      unify(before, lengths);
    }
  }

  private static void unify(List<Extent> a, List<Extent> b) {
    for (int axis = 0; axis < Math.min(a.size(), b.size()); axis++) {
      Extent.unify(a.get(axis), b.get(axis));
    }
  }

  private Extent width(long original) {
    Width width = new Width(original);
    widths.add(width);
    return Extent.of(width);
  }

  private void visit(NodeProto node) {
    switch (node.getOpType()) {
      case "Conv" -> convolution(node);
      case "Gemm" -> gemm(node);
      case "MatMul" -> product(node);
      case "BatchNormalization", "InstanceNormalization" -> normalization(node, 1);
      case "LayerNormalization" -> normalization(node, (int) Attributes.i(node, "axis", -1));
      case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Sum", "Mean", "PRelu", "Where" ->
          broadcast(node);
      case "Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh" ->
          give(node, of(node.getInput(0)));
      case "Clip", "Erf", "Gelu", "Softplus", "Mish", "Sqrt", "Exp", "Log", "Neg", "Abs" ->
          give(node, of(node.getInput(0)));
      case "Identity", "Dropout", "Cast", "Softmax", "LogSoftmax", "Reciprocal", "Not" ->
          give(node, of(node.getInput(0)));
      case "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool" -> pool(node);
      case "Concat" -> concat(node);
      case "Flatten", "Reshape", "Squeeze", "Unsqueeze" -> reshape(node);
      case "Transpose" -> transpose(node);
      case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2" -> reduce(node);
      case "Gather" -> gather(node);
      case "Slice", "Pad", "Split" -> partly(node);
      case "Shape", "Size", "Constant", "ConstantOfShape", "Range" -> {}
      default -> stop(node);
    }
  }

  private void give(NodeProto node, List<Extent> lengths) {
    for (String output : node.getOutputList()) {
      if (!output.isEmpty()) {
        extents.put(output, lengths);
      }
    }
  }

  /** No changed axis gets through. */
  private void stop(NodeProto node) {
    node.getInputList().stream().filter(input -> !input.isEmpty()).forEach(this::freeze);
  }

  private void convolution(NodeProto node) {
    TensorProto weight = constants.get(node.getInput(1));
    if (weight == null) {
      stop(node);
      return;
    }
    Extent inputs = of(node.getInput(0)).get(1);
    long group = Attributes.i(node, "group", 1);
    long outputs = weight.getDims(0);
    boolean depthwise = group > 1 && group == inputs.original();
    List<Extent> lengths = new ArrayList<>(fixed(dims(weight)));
    Extent out = depthwise ? inputs.times(outputs / group) : width(outputs);
    if (depthwise) {
      groups.put(node.getOutput(0), inputs);
    } else {
      lengths.set(1, inputs.dividedBy(group));
      if (group > 1) {
        out.terms().get(0).width().divisibleBy(group);
      }
    }
    lengths.set(0, out);
    define(node.getInput(1), lengths);
    bias(node, out);
    List<Extent> result = new ArrayList<>(fixed(shape(node.getOutput(0))));
    result.set(1, of(node.getInput(1)).get(0));
    give(node, result);
  }

  private void bias(NodeProto node, Extent length) {
    if (node.getInputCount() < 3 || node.getInput(2).isEmpty()) {
      return;
    }
    TensorProto bias = constants.get(node.getInput(2));
    if (bias == null) {
      length.freeze();
      freeze(node.getInput(2));
      return;
    }
    List<Extent> lengths = new ArrayList<>(fixed(dims(bias)));
    int last = lengths.size() - 1;
    if (last >= 0 && lengths.get(last).original() == length.original()) {
      lengths.set(last, length);
    }
    define(node.getInput(2), lengths);
  }

  private void gemm(NodeProto node) {
    TensorProto weight = constants.get(node.getInput(1));
    if (weight == null || Attributes.i(node, "transA", 0) != 0) {
      stop(node);
      return;
    }
    boolean outputsFirst = Attributes.i(node, "transB", 0) != 0;
    List<Extent> from = of(node.getInput(0));
    Extent out = width(weight.getDims(outputsFirst ? 0 : 1));
    define(node.getInput(1), outputsFirst ? List.of(out, from.get(1)) : List.of(from.get(1), out));
    bias(node, out);
    give(node, List.of(from.get(0), of(node.getInput(1)).get(outputsFirst ? 0 : 1)));
  }

  private void product(NodeProto node) {
    List<Extent> left = of(node.getInput(0));
    TensorProto weight = constants.get(node.getInput(1));
    if (weight != null && weight.getDimsCount() == 2 && left.size() >= 2) {
      Extent out = width(weight.getDims(1));
      define(node.getInput(1), List.of(left.get(left.size() - 1), out));
      List<Extent> result = new ArrayList<>(left);
      result.set(left.size() - 1, of(node.getInput(1)).get(1));
      give(node, result);
      return;
    }
    List<Extent> right = of(node.getInput(1));
    if (left.size() < 2 || right.size() < 2) {
      stop(node);
      return;
    }
    Extent.unify(left.get(left.size() - 1), right.get(right.size() - 2));
    List<Extent> result =
        new ArrayList<>(
            together(left.subList(0, left.size() - 2), right.subList(0, right.size() - 2)));
    result.add(left.get(left.size() - 2));
    result.add(right.get(right.size() - 1));
    give(node, result);
  }

  /** Lengths after broadcasting two operands. */
  private static List<Extent> together(List<Extent> a, List<Extent> b) {
    List<Extent> result = new ArrayList<>();
    int rank = Math.max(a.size(), b.size());
    for (int axis = 1; axis <= rank; axis++) {
      Extent left = axis > a.size() ? Extent.of(1) : a.get(a.size() - axis);
      Extent right = axis > b.size() ? Extent.of(1) : b.get(b.size() - axis);
      if (left.original() == right.original()) {
        Extent.unify(left, right);
      } else if (left.original() != 1 && right.original() != 1) {
        throw new IllegalStateException(
            "axes of " + left.original() + " and " + right.original() + " do not broadcast");
      } else {
        // A changing axis of one channel would no longer be repeated.
        (left.original() == 1 ? left : right).freeze();
      }
      result.add(left.original() == 1 ? right : left);
    }
    Collections.reverse(result);
    return result;
  }

  private void broadcast(NodeProto node) {
    List<Extent> result = List.of();
    for (String input : node.getInputList()) {
      if (!constants.containsKey(input)) {
        result = together(result, of(input));
      }
    }
    for (String input : node.getInputList()) {
      TensorProto constant = constants.get(input);
      if (constant != null) {
        List<Extent> lengths = new ArrayList<>(fixed(dims(constant)));
        for (int axis = 1; axis <= Math.min(lengths.size(), result.size()); axis++) {
          int at = lengths.size() - axis;
          Extent other = result.get(result.size() - axis);
          if (lengths.get(at).original() == other.original()) {
            lengths.set(at, other);
          }
        }
        define(input, lengths);
        result = together(result, of(input));
      }
    }
    give(node, result);
  }

  private void normalization(NodeProto node, int axis) {
    List<Extent> from = of(node.getInput(0));
    int first = axis < 0 ? axis + from.size() : axis;
    boolean layer = node.getOpType().equals("LayerNormalization");
    for (String input : node.getInputList().subList(1, node.getInputCount())) {
      if (!input.isEmpty()) {
        define(input, layer ? from.subList(first, from.size()) : List.of(from.get(first)));
      }
    }
    extents.put(node.getOutput(0), from);
  }

  private void pool(NodeProto node) {
    List<Extent> result = new ArrayList<>(fixed(shape(node.getOutput(0))));
    result.set(1, of(node.getInput(0)).get(1));
    give(node, result);
  }

  private void concat(NodeProto node) {
    List<Extent> result = new ArrayList<>(of(node.getInput(0)));
    int axis = axis(Attributes.i(node, "axis", 0), result.size());
    for (String input : node.getInputList().subList(1, node.getInputCount())) {
      List<Extent> more = of(input);
      for (int i = 0; i < result.size(); i++) {
        if (i == axis) {
          result.set(i, result.get(i).plus(more.get(i)));
        } else {
          Extent.unify(result.get(i), more.get(i));
        }
      }
    }
    give(node, result);
  }

  private static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  private void reshape(NodeProto node) {
    String output = node.getOutput(0);
    List<Extent> result = Realignment.of(of(node.getInput(0)), shape(output));
    if (node.getOpType().equals("Reshape") && node.getInputCount() > 1) {
      if (constants.containsKey(node.getInput(1))) {
        reshaped.put(output, result);
      } else {
        computesShapes |= result.stream().anyMatch(extent -> !extent.fixed());
      }
    }
    give(node, result);
  }

  private void transpose(NodeProto node) {
    List<Extent> from = of(node.getInput(0));
    long[] reversed = new long[from.size()];
    Arrays.setAll(reversed, i -> from.size() - 1 - i);
    give(
        node,
        Arrays.stream(Attributes.ints(node, "perm", reversed))
            .mapToObj(axis -> from.get((int) axis))
            .toList());
  }

  private void reduce(NodeProto node) {
    List<Extent> from = of(node.getInput(0));
    Optional<long[]> axes = axes(node);
    boolean all = axes.isEmpty() || axes.get().length == 0;
    if (all && Attributes.i(node, "noop_with_empty_axes", 0) != 0) {
      stop(node);
      return;
    }
    boolean kept = Attributes.i(node, "keepdims", 1) != 0;
    List<Extent> result = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      int at = i;
      boolean reduced =
          all || Arrays.stream(axes.get()).anyMatch(axis -> axis(axis, from.size()) == at);
      if (!reduced) {
        result.add(from.get(i));
      } else if (kept) {
        result.add(Extent.of(1));
      }
    }
    give(node, result);
  }

  private Optional<long[]> axes(NodeProto node) {
    if (node.getInputCount() > 1) {
      return Optional.ofNullable(constants.get(node.getInput(1))).map(OnnxTensors::longs);
    }
    return Attributes.find(node, "axes").map(a -> Attributes.ints(node, "axes"));
  }

  private void gather(NodeProto node) {
    String source = node.getInput(0);
    TensorProto table = constants.get(source);
    if (table != null
        && OnnxTensors.isFloatingPoint(table)
        && table.getDimsCount() == 2
        && Attributes.i(node, "axis", 0) == 0) {
      define(source, List.of(Extent.of(table.getDims(0)), width(table.getDims(1))));
    }
    List<Extent> from = of(source);
    int axis = axis(Attributes.i(node, "axis", 0), from.size());
    from.get(axis).freeze();
    List<Extent> result = new ArrayList<>(from.subList(0, axis));
    result.addAll(of(node.getInput(1)));
    result.addAll(from.subList(axis + 1, from.size()));
    give(node, result);
  }

  /** Axes that the node leaves alone pass; those that it cuts or lengthens stay as they are. */
  private void partly(NodeProto node) {
    List<Extent> from = of(node.getInput(0));
    for (String output : node.getOutputList()) {
      long[] to = shape(output);
      List<Extent> result = new ArrayList<>();
      for (int axis = 0; axis < to.length; axis++) {
        if (from.get(axis).original() == to[axis]) {
          result.add(from.get(axis));
        } else {
          from.get(axis).freeze();
          result.add(Extent.of(to[axis]));
        }
      }
      extents.put(output, result);
    }
  }
}
