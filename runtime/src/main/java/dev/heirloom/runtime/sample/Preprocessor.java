package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns raw values into what a model's inputs expect: {@code (x·scale − mean[c]) / deviation[c]}
 * for floating-point inputs, a cast for integer inputs.
 */
public final class Preprocessor {

  private final List<TensorSpec> inputs;
  private final Map<String, Preprocessing> steps = new HashMap<>();

  /**
   * @param preprocessing one per input
   * @param modelInputs the model's inputs, batch axis first
   */
  public Preprocessor(List<Preprocessing> preprocessing, List<TensorSpec> modelInputs) {
    this.inputs = List.copyOf(modelInputs);
    preprocessing.forEach(step -> steps.put(step.getInput(), step));
    for (TensorSpec input : inputs) {
      if (!steps.containsKey(input.name())) {
        throw new IllegalArgumentException("preprocessing of " + input.name() + ": none");
      }
    }
  }

  /**
   * The preprocessing for samples as they were read.
   *
   * @param byInput normalisations by input name; {@link Normalization#ANY_INPUT} is for every
   *     floating-point input that is not named
   * @return one per input, in the model's order
   * @throws MalformedException if a normalisation names no input, an integer input, or another
   *     number of channels
   */
  public static List<Preprocessing> of(
      SampleSet samples, List<TensorSpec> modelInputs, Map<String, Normalization> byInput)
      throws MalformedException {
    for (String name : byInput.keySet()) {
      if (!name.equals(Normalization.ANY_INPUT)
          && modelInputs.stream().noneMatch(input -> input.name().equals(name))) {
        throw new MalformedException(
            "normalization of %s: the model has no such input (expected: one of %s)"
                .formatted(name, modelInputs.stream().map(TensorSpec::name).toList()));
      }
    }
    List<Preprocessing> result = new ArrayList<>();
    boolean used = false;
    for (TensorSpec input : modelInputs) {
      boolean floating = input.type() == ElementType.ELEMENT_TYPE_FLOAT32;
      Preprocessing.Builder steps = Preprocessing.newBuilder().setInput(input.name());
      boolean eightBit = samples.type(input.name()) == ElementType.ELEMENT_TYPE_UINT8;
      steps.setScale(floating && eightBit ? 1f / 255f : 1f);
      Normalization normalization = byInput.get(input.name());
      if (normalization == null && floating) {
        normalization = byInput.get(Normalization.ANY_INPUT);
      }
      if (normalization != null) {
        check(input, floating, samples.dims(input.name()), normalization);
        steps.addAllMean(normalization.mean()).addAllDeviation(normalization.deviation());
        used = true;
      }
      result.add(steps.build());
    }
    if (!byInput.isEmpty() && !used) {
      throw new MalformedException("normalization: the model has no floating-point input");
    }
    return result;
  }

  /**
   * The values of some samples, by input, batch first.
   *
   * @throws IllegalArgumentException if the samples are not for this model
   */
  public Map<String, TensorValue> batch(SampleSet samples, int[] indices) {
    Map<String, TensorValue> batch = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      batch.put(input.name(), value(input, samples, indices));
    }
    return batch;
  }

  private static void check(
      TensorSpec input, boolean floating, long[] dims, Normalization normalization)
      throws MalformedException {
    if (!floating) {
      throw new MalformedException(
          "normalization of %s: the input is %s (expected: a floating-point input)"
              .formatted(input.name(), ElementTypes.title(input.type())));
    }
    int channels = normalization.mean().size();
    if (channels > 1 && (dims.length == 0 || dims[0] != channels)) {
      throw new MalformedException(
          "normalization of %s: %d channels (expected: %s)"
              .formatted(
                  input.name(),
                  channels,
                  dims.length == 0 || dims[0] == 1 ? "1" : "1 or " + dims[0]));
    }
  }

  private TensorValue value(TensorSpec input, SampleSet samples, int[] indices) {
    long[] sampleDims = samples.dims(input.name());
    long[] dims = new long[sampleDims.length + 1];
    dims[0] = indices.length;
    System.arraycopy(sampleDims, 0, dims, 1, sampleDims.length);
    int elements = samples.elements(input.name());
    int total = Math.multiplyExact(indices.length, elements);
    ByteBuffer target =
        ByteBuffer.allocateDirect(Math.multiplyExact(total, ElementTypes.bytes(input.type())))
            .order(ByteOrder.nativeOrder());
    switch (input.type()) {
      case ELEMENT_TYPE_FLOAT32 -> {
        FloatBuffer floats = target.asFloatBuffer();
        float[] row = new float[elements];
        for (int index : indices) {
          fill(input.name(), samples, index, row);
          floats.put(row);
        }
        return TensorValue.floats(floats.flip(), dims);
      }
      case ELEMENT_TYPE_INT64 -> {
        LongBuffer longs = target.asLongBuffer();
        for (int index : indices) {
          RawValues raw = new RawValues(samples, input.name(), index);
          for (int i = 0; i < elements; i++) {
            longs.put(raw.integer(i));
          }
        }
        return TensorValue.longs(longs.flip(), dims);
      }
      case ELEMENT_TYPE_INT32 -> {
        IntBuffer ints = target.asIntBuffer();
        for (int index : indices) {
          RawValues raw = new RawValues(samples, input.name(), index);
          for (int i = 0; i < elements; i++) {
            ints.put(Math.toIntExact(raw.integer(i)));
          }
        }
        return TensorValue.ints(ints.flip(), dims);
      }
      default -> {
        for (int index : indices) {
          RawValues raw = new RawValues(samples, input.name(), index);
          for (int i = 0; i < elements; i++) {
            target.put((byte) raw.integer(i));
          }
        }
        return TensorValue.bytes(target.flip(), dims);
      }
    }
  }

  private void fill(String input, SampleSet samples, int index, float[] row) {
    Preprocessing step = steps.get(input);
    if (step == null) {
      throw new IllegalStateException("preprocessing of " + input);
    }
    RawValues raw = new RawValues(samples, input, index);
    int channels = Math.max(step.getMeanCount(), 1);
    if (row.length % channels != 0) {
      throw new IllegalArgumentException(
          "input %s: %d elements (expected: a multiple of %d channels)"
              .formatted(input, row.length, channels));
    }
    int perChannel = row.length / channels;
    float scale = step.getScale();
    for (int c = 0; c < channels; c++) {
      float mean = step.getMeanCount() == 0 ? 0 : step.getMean(c);
      float deviation = step.getDeviationCount() == 0 ? 1 : step.getDeviation(c);
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        row[i] = (raw.floating(i) * scale - mean) / deviation;
      }
    }
  }
}
