package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.graph.Attributes;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One evaluation of one node.
 *
 * @param opset version of the standard operator set
 * @param inputs in the node's order; null where an optional input is absent
 * @param trained per input, whether it is a trained weight
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the interpreter
record Call(NodeProto node, int opset, Tensor[] inputs, boolean[] trained, Pass pass) {

  boolean has(int input) {
    return input < inputs.length && inputs[input] != null;
  }

  Tensor x(int input) {
    if (!has(input)) {
      throw new IllegalArgumentException("input " + input + " is missing");
    }
    return inputs[input];
  }

  Optional<Tensor> optional(int input) {
    return has(input) ? Optional.of(inputs[input]) : Optional.empty();
  }

  /** The input in float32 if it is in a shorter floating-point format. */
  Tensor exact(int input) {
    Tensor x = x(input);
    return x.scalar_type() == ScalarType.BFloat16 ? Tensors.asFloat(x) : x;
  }

  /** The values of an integer input. */
  long[] longs(int input) {
    return Tensors.toLongs(x(input));
  }

  /** Integers that newer operator sets pass as an input and older ones as an attribute. */
  Optional<long[]> longs(int input, String attribute) {
    if (has(input)) {
      return Optional.of(longs(input));
    }
    return given(attribute) ? Optional.of(ints(attribute)) : Optional.empty();
  }

  /** A scalar that newer operator sets pass as an input and older ones as an attribute. */
  Optional<Double> number(int input, String attribute) {
    if (has(input)) {
      return Optional.of(x(input).item_double());
    }
    return Attributes.find(node, attribute).map(a -> (double) a.getF());
  }

  boolean given(String attribute) {
    return Attributes.find(node, attribute).isPresent();
  }

  long i(String attribute, long otherwise) {
    return Attributes.i(node, attribute, otherwise);
  }

  double f(String attribute, double otherwise) {
    return Attributes.find(node, attribute).map(a -> (double) a.getF()).orElse(otherwise);
  }

  String s(String attribute, String otherwise) {
    return Attributes.s(node, attribute, otherwise);
  }

  long[] ints(String attribute, long... otherwise) {
    return Attributes.ints(node, attribute, otherwise);
  }

  float[] floats(String attribute) {
    AttributeProto found = Attributes.find(node, attribute).orElseThrow();
    float[] values = new float[found.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = found.getFloats(i);
    }
    return values;
  }

  /** An axis counted from the front. */
  static int axis(long axis, long rank) {
    if (axis < -rank || axis >= Math.max(rank, 1)) {
      throw new IllegalArgumentException("axis: " + axis + " (rank: " + rank + ")");
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
