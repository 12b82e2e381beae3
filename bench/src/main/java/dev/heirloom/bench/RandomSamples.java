package dev.heirloom.bench;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.SampleSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;

/** Samples for a model of which nothing but its inputs is known. */
final class RandomSamples {
  private static final long FREE_AXIS = 8;
  private static final int LARGEST_INDEX = 8;

  private RandomSamples() {}

  /** Normally distributed values, or small indices where an input takes integers; label 0. */
  static SampleSet of(List<TensorSpec> inputs, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SampleSet.Builder set = SampleSet.of(size);
    for (TensorSpec input : inputs) {
      List<Long> dims = input.sampleDims().stream().map(d -> d < 0 ? FREE_AXIS : d).toList();
      long elements = dims.stream().reduce(1L, Math::multiplyExact);
      int count = Math.toIntExact(size * elements);
      ByteBuffer values =
          ByteBuffer.allocate(Math.multiplyExact(count, ElementTypes.bytes(input.type())))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        put(values, input.type(), random);
      }
      set.input(input.name(), input.type(), dims, values.flip());
    }
    return set.labels(1, new long[size]).build();
  }

  private static void put(ByteBuffer values, ElementType type, SplittableRandom random) {
    switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> values.putFloat((float) random.nextGaussian());
      case ELEMENT_TYPE_INT64 -> values.putLong(random.nextInt(LARGEST_INDEX));
      case ELEMENT_TYPE_INT32 -> values.putInt(random.nextInt(LARGEST_INDEX));
      default -> values.put((byte) random.nextInt(LARGEST_INDEX));
    }
  }
}
