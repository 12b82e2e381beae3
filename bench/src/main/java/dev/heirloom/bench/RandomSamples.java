package dev.heirloom.bench;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Samples drawn at random for a model's inputs, with random labels: for what depends on shapes
 * alone. Free axes are of length one.
 */
final class RandomSamples {

  /** Below any vocabulary of the networks that are measured. */
  private static final int TOKENS = 50;

  private RandomSamples() {}

  /** Writes samples to an {@code .npz} file. */
  static Path write(OnnxModel model, int samples, long seed, Path file)
      throws IOException, MalformedException, SessionException {
    SplittableRandom random = new SplittableRandom(seed);
    SampleSet.Builder set = SampleSet.of(samples);
    Map<String, TensorValue> one = new LinkedHashMap<>();
    for (TensorSpec input : model.inputs()) {
      List<Long> dims = input.sampleDims().stream().map(dim -> Math.max(1, dim)).toList();
      int elements = Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
      boolean floating = input.type() == ElementType.ELEMENT_TYPE_FLOAT32;
      ByteBuffer values =
          ByteBuffer.allocate(samples * elements * (floating ? Float.BYTES : Long.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < samples * elements; i++) {
        if (floating) {
          values.putFloat((float) random.nextGaussian());
        } else {
          values.putLong(1 + random.nextInt(TOKENS));
        }
      }
      set.input(
          input.name(),
          floating ? ElementType.ELEMENT_TYPE_FLOAT32 : ElementType.ELEMENT_TYPE_INT64,
          dims,
          values.flip());
      long[] batch = new long[dims.size() + 1];
      batch[0] = 1;
      for (int i = 0; i < dims.size(); i++) {
        batch[i + 1] = dims.get(i);
      }
      one.put(
          input.name(),
          floating
              ? TensorValue.floats(new float[elements], batch)
              : TensorValue.longs(new long[elements], batch));
    }
    long[] output;
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      output = session.runFirst(one).dims();
    }
    int each = output.length == 3 ? Math.toIntExact(output[1]) : 1;
    long classes = output[output.length - 1];
    set.labels(each, random.longs((long) samples * each, 0, classes).toArray());
    SampleWriter.write(set.build(), file);
    return file;
  }
}
