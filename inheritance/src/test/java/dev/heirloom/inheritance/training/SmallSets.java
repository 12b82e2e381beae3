package dev.heirloom.inheritance.training;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Small sets of random samples that a small network can learn. */
final class SmallSets {
  static final int CLASSES = 4;

  private SmallSets() {}

  /** Values in 0.1..1. */
  static TensorValue uniform(long seed, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(0.1, 1);
    }
    return TensorValue.floats(values, dims);
  }

  /** Noise with a pattern of its class laid over it; input x, one label. */
  static SampleSet patterns(int samples, long seed, long... dims) {
    int elements = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    SplittableRandom prototypes = new SplittableRandom(99);
    float[] pattern = new float[CLASSES * elements];
    for (int i = 0; i < pattern.length; i++) {
      pattern[i] = (float) prototypes.nextGaussian();
    }
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer raw =
        ByteBuffer.allocate(samples * elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long[] labels = new long[samples];
    for (int s = 0; s < samples; s++) {
      labels[s] = random.nextInt(CLASSES);
      for (int i = 0; i < elements; i++) {
        raw.putFloat((float) random.nextGaussian() + pattern[(int) labels[s] * elements + i]);
      }
    }
    return SampleSet.of(samples)
        .input(
            "x", ElementType.ELEMENT_TYPE_FLOAT32, LongStream.of(dims).boxed().toList(), raw.flip())
        .labels(1, labels)
        .build();
  }

  static Preprocessor preprocessor(OnnxModel model, SampleSet samples) throws Exception {
    return new Preprocessor(
        Preprocessor.of(samples, model.inputs(), Map.of()), List.copyOf(model.inputs()));
  }
}
