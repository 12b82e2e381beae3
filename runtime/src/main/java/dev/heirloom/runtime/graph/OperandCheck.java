package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks constants that say how large another tensor becomes: the runtime believes them, and ends
 * the process where a size falls below zero.
 */
final class OperandCheck {

  private static final long LARGEST_PAD = 1 << 20;
  private static final int MOST_NUMBERS = 32;
  private static final float LARGEST_SCALE = 1 << 16;

  private final NodeProto node;
  private final Map<String, TensorProto> constants;
  private final Set<String> values;
  private final String title;

  OperandCheck(
      NodeProto node, Map<String, TensorProto> constants, Set<String> values, String title) {
    this.node = node;
    this.constants = constants;
    this.values = values;
    this.title = title;
  }

  void run() throws MalformedException {
    switch (node.getOpType()) {
      case "Pad" -> {
        requireIndependent("pads", 1);
        each("pads", longs(1), -LARGEST_PAD, LARGEST_PAD);
        each("pads", Attributes.ints(node, "pads"), -LARGEST_PAD, LARGEST_PAD);
      }
      case "Resize", "Upsample" -> {
        for (int input = 1; input < node.getInputCount(); input++) {
          requireIndependent("scales", input);
        }
        // Input 1 is the region of interest where there are more inputs.
        scales(floats(node.getInputCount() > 2 ? 2 : 1));
        each("sizes", longs(3), 1, OnnxTensors.MAX_ELEMENTS);
        List<Float> stored =
            Attributes.find(node, "scales").map(AttributeProto::getFloatsList).orElse(List.of());
        for (float scale : stored) {
          scales(scale);
        }
      }
      case "ConstantOfShape" -> product("shape", longs(0));
      case "Expand" -> product("shape", longs(1));
      case "Tile" -> product("repeats", longs(1));
      case "Reshape" -> each("shape", longs(1), -1, OnnxTensors.MAX_ELEMENTS);
      case "OneHot" -> product("depth", longs(1));
      default -> {}
    }
  }

  /** The runtime takes as many of these numbers as there are, however many axes there are. */
  private void requireIndependent(String what, int input) throws MalformedException {
    if (input < node.getInputCount() && values.contains(node.getInput(input))) {
      throw new MalformedException(
          "%s takes %s from the values of %s (expected: a constant, or what follows from shapes)"
              .formatted(title, what, node.getInput(input)));
    }
    if (OnnxTensors.elements(constant(input)) > MOST_NUMBERS
        && constant(input).getDimsCount() > 0) {
      throw new MalformedException(
          "%s has %s with dims %s (expected: a number or two per axis)"
              .formatted(title, what, constant(input).getDimsList()));
    }
  }

  private long[] longs(int input) {
    TensorProto tensor = constant(input);
    boolean whole =
        tensor.getDataType() == TensorProto.DataType.INT64_VALUE
            || tensor.getDataType() == TensorProto.DataType.INT32_VALUE;
    return whole ? OnnxTensors.longs(tensor) : new long[0];
  }

  private float[] floats(int input) {
    TensorProto tensor = constant(input);
    return OnnxTensors.isFloatingPoint(tensor) ? OnnxTensors.floats(tensor) : new float[0];
  }

  private TensorProto constant(int input) {
    String name = input < node.getInputCount() ? node.getInput(input) : "";
    return constants.getOrDefault(name, TensorProto.getDefaultInstance());
  }

  private void each(String what, long[] values, long least, long most) throws MalformedException {
    for (long value : values) {
      if (value < least || value > most) {
        throw new MalformedException(
            "%s has %s %s (expected: %d..%d)"
                .formatted(title, what, Arrays.toString(values), least, most));
      }
    }
  }

  private void product(String what, long[] values) throws MalformedException {
    each(what, values, 0, OnnxTensors.MAX_ELEMENTS);
    long product = 1;
    for (long value : values) {
      if (value > 0 && product > OnnxTensors.MAX_ELEMENTS / value) {
        throw new MalformedException(
            "%s has %s %s (expected: at most %d elements)"
                .formatted(title, what, Arrays.toString(values), OnnxTensors.MAX_ELEMENTS));
      }
      product *= Math.max(value, 1);
    }
  }

  private void scales(float... values) throws MalformedException {
    for (float value : values) {
      if (!(value > 0 && value <= LARGEST_SCALE)) {
        throw new MalformedException(
            "%s has scales %s (expected: above 0, at most %.0f)"
                .formatted(title, Arrays.toString(values), LARGEST_SCALE));
      }
    }
  }
}
