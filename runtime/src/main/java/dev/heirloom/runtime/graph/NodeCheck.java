package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Checks what a node of the standard operators says of itself: how many inputs and outputs it has,
 * and how its window moves. What is refused here would be an error in the runtime at best.
 */
final class NodeCheck {

  /** No window is larger, moves further or is padded by more than this. */
  private static final long LARGEST_STEP = 1 << 20;

  private final NodeProto node;
  private final Map<String, TensorProto> constants;
  private final Set<String> values;
  private final String title;

  /**
   * @param constants initializers and Constant nodes of the node's graph, by name
   * @param values names of what depends on the values of inputs, not on their shapes alone
   * @param title what error messages call the node
   */
  NodeCheck(NodeProto node, Map<String, TensorProto> constants, Set<String> values, String title) {
    this.node = node;
    this.constants = constants;
    this.values = values;
    this.title = title;
  }

  void run() throws MalformedException {
    Set<String> names = new HashSet<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      if (!names.add(attribute.getName())) {
        throw malformed("the attribute " + attribute.getName() + " twice");
      }
    }
    if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
      return;
    }
    if (node.getOutputCount() == 0) {
      throw malformed("no output");
    }
    switch (node.getOpType()) {
      case "Conv", "ConvTranspose", "Gemm", "MatMul" -> {
        require(2);
        weight();
      }
      case "BatchNormalization" -> require(5);
      case "Identity", "MaxPool", "AveragePool", "LpPool" -> require(1);
      case "Constant" -> require(0);
      default -> {}
    }
    switch (node.getOpType()) {
      case "Conv", "ConvTranspose", "ConvInteger", "QLinearConv" -> convolution();
      case "MaxPool", "AveragePool", "LpPool" -> window(-1);
      default -> new OperandCheck(node, constants, values, title).run();
    }
  }

  private void require(int inputs) throws MalformedException {
    for (int i = 0; i < inputs; i++) {
      if (i >= node.getInputCount() || node.getInput(i).isEmpty()) {
        throw malformed("no input " + i + " (expected: " + inputs + " or more)");
      }
    }
    if (node.getOutput(0).isEmpty()) {
      throw malformed("no first output");
    }
  }

  private void weight() throws MalformedException {
    TensorProto weight = constants.get(node.getInput(1));
    if (weight != null && OnnxTensors.elements(weight) == 0) {
      throw malformed(
          "the weight "
              + weight.getName()
              + " with dims "
              + weight.getDimsList()
              + ": no elements");
    }
  }

  private void convolution() throws MalformedException {
    long group = Attributes.i(node, "group", 1);
    if (group < 1 || group > LARGEST_STEP) {
      throw malformed("group " + group + " (expected: 1 or more)");
    }
    int at = node.getOpType().equals("QLinearConv") ? 3 : 1;
    TensorProto weight = constants.get(at < node.getInputCount() ? node.getInput(at) : "");
    if (weight == null) {
      window(-1);
      return;
    }
    long[] dims = weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (dims.length < 3) {
      throw malformed("a weight with " + dims.length + " axes (expected: 3 or more)");
    }
    window(dims.length - 2);
    long[] kernel = Arrays.copyOfRange(dims, 2, dims.length);
    long[] said = Attributes.ints(node, "kernel_shape", kernel);
    if (!Arrays.equals(kernel, said)) {
      throw malformed(
          "kernel_shape %s (expected: the weight's, %s)"
              .formatted(Arrays.toString(said), Arrays.toString(kernel)));
    }
    if (node.getOpType().equals("Conv")) {
      if (dims[0] % group != 0) {
        throw malformed(dims[0] + " outputs in " + group + " groups");
      }
      TensorProto bias = constants.get(node.getInputCount() > 2 ? node.getInput(2) : "");
      if (bias != null && OnnxTensors.elements(bias) != dims[0]) {
        throw malformed(
            "a bias with dims " + bias.getDimsList() + " (expected: [" + dims[0] + "])");
      }
    }
  }

  /**
   * Checks how a window moves.
   *
   * @param axes spatial ones, -1 where only the input tells
   */
  private void window(int axes) throws MalformedException {
    within("kernel_shape", 1, axes);
    within("strides", 1, axes);
    within("dilations", 1, axes);
    within("pads", 0, 2 * axes);
    within("output_padding", 0, axes);
  }

  private void within(String attribute, long least, int expected) throws MalformedException {
    if (Attributes.find(node, attribute).isEmpty()) {
      return;
    }
    long[] values = Attributes.ints(node, attribute);
    if (expected >= 0 && values.length != expected) {
      throw malformed(
          "%s %s (expected: %d numbers)".formatted(attribute, Arrays.toString(values), expected));
    }
    for (long value : values) {
      if (value < least || value > LARGEST_STEP) {
        throw malformed(
            "%s %s (expected: %d..%d)"
                .formatted(attribute, Arrays.toString(values), least, LARGEST_STEP));
      }
    }
  }

  private MalformedException malformed(String what) {
    return new MalformedException(title + " has " + what);
  }
}
