package dev.heirloom.bench;

import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One sample for a model with float32 inputs, the same in every process. */
public final class RandomInputs {
  private static final long SEED = 11;

  private RandomInputs() {}

  /** Normally distributed values by input, in memory that a session takes uncopied. */
  public static Map<String, TensorValue> of(List<TensorSpec> inputs) {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      long[] dims = input.dims().stream().mapToLong(dim -> Math.max(1, dim)).toArray();
      int elements = 1;
      for (long dim : dims) {
        elements = Math.multiplyExact(elements, Math.toIntExact(dim));
      }
      FloatBuffer each = TensorValue.directFloats(elements);
      while (each.hasRemaining()) {
        each.put((float) random.nextGaussian());
      }
      values.put(input.name(), TensorValue.floats(each.flip(), dims));
    }
    return values;
  }
}
