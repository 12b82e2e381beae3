package dev.heirloom.bench;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Samples for a model of which nothing but its inputs is known. */
final class RandomSamples {
  private static final long FREE_AXIS = 8;
  private static final int LARGEST_INDEX = 8;

  private RandomSamples() {}

  /** Normally distributed values, or small indices where an input takes integers; label 0. */
  static SampleSet of(List<TensorSpec> inputs, int size, long seed) {
    return values(inputs, size, new SplittableRandom(seed)).labels(1, new long[size]).build();
  }

  /** Writes samples with random labels, as many as the model gives answers, to an {@code .npz}. */
  static Path write(OnnxModel model, int size, long seed, Path file)
      throws IOException, MalformedException, SessionException {
    SplittableRandom random = new SplittableRandom(seed);
    SampleSet.Builder set = values(model.inputs(), size, random);
    long[] output = answer(model);
    int each = output.length == 3 ? Math.toIntExact(output[1]) : 1;
    long classes = output[output.length - 1];
    long[] labels = random.longs((long) size * each, 0, classes).toArray();
    SampleWriter.write(set.labels(each, labels).build(), file);
    return file;
  }

  /** Shape of the first output for one sample. */
  private static long[] answer(OnnxModel model) throws MalformedException, SessionException {
    SampleSet one = of(model.inputs(), 1, 0);
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(one, model.inputs(), Map.of()), model.inputs());
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      return session.runFirst(preprocessor.batch(one, new int[] {0})).dims();
    }
  }

  private static SampleSet.Builder values(
      List<TensorSpec> inputs, int size, SplittableRandom random) {
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
    return set;
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
