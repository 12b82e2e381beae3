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
import java.util.stream.LongStream;

/**
 * Turns raw values into what a model's inputs expect: {@code (x·scale − mean[c]) / deviation[c]}
 * for floating-point inputs, a cast for integer inputs.
 */
public final class Preprocessor {

  /** A change to values that are ready for the model, as an augmentation makes it. */
  public interface Change {
    /**
     * The values to take instead.
     *
     * @param values of one input, batch first
     * @param indices of the batch's samples
     */
    TensorValue of(String input, TensorValue values, int[] indices);
  }

  private final List<TensorSpec> inputs;
  private final Map<String, FloatScaling> scalings;
  private final Change change;

  /**
   * @param preprocessing one per input
   * @param modelInputs the model's inputs, batch axis first
   */
  public Preprocessor(List<Preprocessing> preprocessing, List<TensorSpec> modelInputs) {
    this.inputs = List.copyOf(modelInputs);
    this.scalings = new HashMap<>();
    this.change = (input, values, indices) -> values;
    preprocessing.forEach(step -> scalings.put(step.getInput(), new FloatScaling(step)));
    for (TensorSpec input : inputs) {
      if (!scalings.containsKey(input.name())) {
        throw new IllegalArgumentException("preprocessing of " + input.name() + ": none");
      }
    }
  }

  private Preprocessor(Preprocessor plain, Change change) {
    this.inputs = plain.inputs;
    this.scalings = plain.scalings;
    this.change = change;
  }

  /** The same, with a change to what comes out of it. */
  public Preprocessor changedBy(Change further) {
    return new Preprocessor(
        this,
        (input, values, indices) -> further.of(input, change.of(input, values, indices), indices));
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
      TensorValue value = value(input, samples, indices);
      batch.put(input.name(), change.of(input.name(), value, indices));
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

  private static IllegalArgumentException unsampled(TensorSpec input) {
    return new IllegalArgumentException(
        "input %s: %s (expected: %s)"
            .formatted(input.name(), ElementTypes.title(input.type()), ElementTypes.SAMPLED));
  }

  private TensorValue value(TensorSpec input, SampleSet samples, int[] indices) {
    if (!ElementTypes.sampled(input.type())) {
      throw unsampled(input);
    }
    Column column = samples.column(input.name());
    long[] dims =
        LongStream.concat(LongStream.of(indices.length), LongStream.of(samples.dims(input.name())))
            .toArray();
    int elements = column.elements();
    int total = Math.multiplyExact(indices.length, elements);
    ByteBuffer target =
        ByteBuffer.allocateDirect(Math.multiplyExact(total, ElementTypes.bytes(input.type())))
            .order(ByteOrder.nativeOrder());
    switch (input.type()) {
      case ELEMENT_TYPE_FLOAT32 -> {
        FloatScaling scaling = scaling(input.name());
        FloatBuffer floats = target.asFloatBuffer();
        float[] row = new float[elements];
        byte[] bytes = new byte[elements];
        for (int index : indices) {
          scaling.fill(column, samples.row(index), row, bytes);
          floats.put(row);
        }
        return TensorValue.floats(floats.flip(), dims);
      }
      case ELEMENT_TYPE_INT64 -> {
        LongBuffer longs = target.asLongBuffer();
        for (int index : indices) {
          int row = samples.row(index);
          if (column.type() == ElementType.ELEMENT_TYPE_INT64) {
            longs.put(column.rows().row(row).asLongBuffer());
            continue;
          }
          for (int i = 0; i < elements; i++) {
            longs.put(column.integer(row, i));
          }
        }
        return TensorValue.longs(longs.flip(), dims);
      }
      case ELEMENT_TYPE_INT32 -> {
        IntBuffer ints = target.asIntBuffer();
        for (int index : indices) {
          int row = samples.row(index);
          for (int i = 0; i < elements; i++) {
            ints.put(Math.toIntExact(column.integer(row, i)));
          }
        }
        return TensorValue.ints(ints.flip(), dims);
      }
      case ELEMENT_TYPE_UINT8 -> {
        for (int index : indices) {
          int row = samples.row(index);
          for (int i = 0; i < elements; i++) {
            target.put((byte) column.integer(row, i));
          }
        }
        return TensorValue.bytes(target.flip(), dims);
      }
      default -> throw unsampled(input);
    }
  }

  /**
   * What a raw value of 0 becomes.
   *
   * @param input a floating-point one
   * @param channel from 0
   */
  public float zero(String input, int channel) {
    return scaling(input).of(0, channel);
  }

  private FloatScaling scaling(String input) {
    FloatScaling scaling = scalings.get(input);
    if (scaling == null) {
      throw new IllegalStateException("preprocessing of " + input);
    }
    return scaling;
  }
}
