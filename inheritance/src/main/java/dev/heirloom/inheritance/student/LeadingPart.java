package dev.heirloom.inheritance.student;

import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;

/** The first elements of a tensor along every axis. */
final class LeadingPart {
  private LeadingPart() {}

  /**
   * Cuts a tensor.
   *
   * @param dims at most the tensor's own
   */
  static TensorProto of(TensorProto tensor, long[] dims) {
    long[] full = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (Arrays.equals(full, dims)) {
      return tensor;
    }
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims.length != full.length || dims[axis] > full[axis]) {
        throw new IllegalArgumentException(
            "dims of %s: %s (expected: at most %s)"
                .formatted(tensor.getName(), Arrays.toString(dims), Arrays.toString(full)));
      }
    }
    float[] values = OnnxTensors.floats(tensor);
    int elements = Math.toIntExact(OnnxTensors.elements(tensor.getName(), dims));
    float[] kept = new float[elements];
    int[] index = new int[dims.length];
    for (int i = 0; i < elements; i++) {
      int at = 0;
      for (int axis = 0; axis < dims.length; axis++) {
        at = Math.toIntExact(at * full[axis] + index[axis]);
      }
      kept[i] = values[at];
      advance(index, dims);
    }
    return OnnxTensors.ofFloats(tensor.getName(), dims, kept);
  }

  private static void advance(int[] index, long[] dims) {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) {
        return;
      }
      index[axis] = 0;
    }
  }
}
