package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Samples with their raw values, before preprocessing, and their labels if they have any. */
public final class SampleSet {

  private final int size;
  private final Map<String, Values> inputs;
  private final int labelsPerSample;
  private final long[] labels;
  private final float[] targets;

  private SampleSet(
      int size,
      Map<String, Values> inputs,
      int labelsPerSample,
      long[] labels,
      float[] targets) {
    this.size = size;
    this.inputs = inputs;
    this.labelsPerSample = labelsPerSample;
    this.labels = labels;
    this.targets = targets;
  }

  /** Starts a set of {@code size} samples. */
  public static Builder of(int size) {
    return new Builder(size);
  }

  /** Number of samples. */
  public int size() {
    return size;
  }

  /** Names of the inputs. */
  public List<String> inputs() {
    return List.copyOf(inputs.keySet());
  }

  /** The axes of one sample of an input, without the batch axis. */
  public long[] dims(String input) {
    return values(input).dims.stream().mapToLong(Long::longValue).toArray();
  }

  /** Elements of one sample of an input. */
  public int elements(String input) {
    return values(input).elements;
  }

  /** The element type of an input's raw values. */
  public ElementType type(String input) {
    return values(input).type;
  }

  /** All raw values of an input, little-endian, row-major, batch first, read-only. */
  public ByteBuffer raw(String input) {
    return values(input).raw.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The raw values of one sample, little-endian, row-major, read-only. */
  public ByteBuffer raw(String input, int sample) {
    Values values = values(input);
    checkSample(sample);
    int bytes = values.sampleBytes();
    return values
        .raw
        .slice(sample * bytes, bytes)
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the samples have labels. */
  public boolean labelled() {
    return labelsPerSample > 0;
  }

  /** Labels of each sample: 0, 1, or one per position. */
  public int labelsPerSample() {
    return labelsPerSample;
  }

  /**
   * One label.
   *
   * @param position from 0 to {@link #labelsPerSample} - 1
   */
  public long label(int sample, int position) {
    checkSample(sample);
    if (position < 0 || position >= labelsPerSample) {
      throw new IllegalArgumentException(
          "position: " + position + " (expected: 0.." + (labelsPerSample - 1) + ")");
    }
    return labels[sample * labelsPerSample + position];
  }

  /** Floating-point targets of each sample, as for a regression; 0 where there are none. */
  public int targetsPerSample() {
    return size == 0 ? 0 : targets.length / size;
  }

  /**
   * One target; of a labelled set, the label as a number.
   *
   * @param position from 0 to {@link #targetsPerSample} - 1 or {@link #labelsPerSample} - 1
   */
  public float target(int sample, int position) {
    return labelled() ? label(sample, position) : targets[sample * targetsPerSample() + position];
  }

  /**
   * Checks that every label names one of {@code classes} classes.
   *
   * @throws MalformedException naming the first sample whose label does not
   */
  public void checkLabels(long classes) throws MalformedException {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new MalformedException(
            "label of sample %d: %d (expected: 0..%d)"
                .formatted(i / labelsPerSample, labels[i], classes - 1));
      }
    }
  }

  /** A copy of some samples, in the order given; a sample may be taken more than once. */
  public SampleSet select(int[] indices) {
    Map<String, Values> selected = new LinkedHashMap<>();
    inputs.forEach((name, values) -> selected.put(name, values.select(indices, this)));
    long[] selectedLabels = new long[indices.length * labelsPerSample];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(
          labels,
          indices[i] * labelsPerSample,
          selectedLabels,
          i * labelsPerSample,
          labelsPerSample);
    }
    int each = targetsPerSample();
    float[] selectedTargets = new float[indices.length * each];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(targets, indices[i] * each, selectedTargets, i * each, each);
    }
    return new SampleSet(
        indices.length,
        Collections.unmodifiableMap(selected),
        labelsPerSample,
        selectedLabels,
        selectedTargets);
  }

  /** The first samples, or all if there are fewer. */
  public SampleSet head(int count) {
    return select(IntStream.range(0, Math.min(count, size)).toArray());
  }

  private Values values(String input) {
    Values values = inputs.get(input);
    if (values == null) {
      throw new IllegalArgumentException(
          "input: " + input + " (expected: one of " + inputs.keySet() + ")");
    }
    return values;
  }

  private void checkSample(int sample) {
    if (sample < 0 || sample >= size) {
      throw new IllegalArgumentException(
          "sample: " + sample + " (expected: 0.." + (size - 1) + ")");
    }
  }

  /** One input of all samples. */
  private record Values(ElementType type, List<Long> dims, int elements, ByteBuffer raw) {

    int sampleBytes() {
      return elements * ElementTypes.bytes(type);
    }

    Values select(int[] indices, SampleSet owner) {
      int bytes = sampleBytes();
      ByteBuffer kept = ByteBuffer.allocate(Math.multiplyExact(indices.length, bytes));
      for (int index : indices) {
        owner.checkSample(index);
        kept.put(raw.slice(index * bytes, bytes));
      }
      return new Values(type, dims, elements, kept.flip());
    }
  }

  /** Collects the parts of a set. */
  public static final class Builder {

    private final int size;
    private final Map<String, Values> inputs = new LinkedHashMap<>();
    private int labelsPerSample;
    private long[] labels = {};
    private float[] targets = {};

    private Builder(int size) {
      if (size < 0) {
        throw new IllegalArgumentException("size: " + size + " (expected: 0 or more)");
      }
      this.size = size;
    }

    /**
     * Adds an input.
     *
     * @param dims axes of one sample, without the batch axis
     * @param raw all samples' values, little-endian, row-major; not copied, to be left alone
     */
    public Builder input(String name, ElementType type, List<Long> dims, ByteBuffer raw) {
      long[] axes = dims.stream().mapToLong(Long::longValue).toArray();
      int elements = Math.toIntExact(OnnxTensors.elements(name, axes));
      long expected = Math.multiplyExact((long) size, (long) elements * ElementTypes.bytes(type));
      if (raw.remaining() != expected) {
        throw new IllegalArgumentException(
            "values of %s: %d bytes (expected: %d)".formatted(name, raw.remaining(), expected));
      }
      if (inputs.putIfAbsent(name, new Values(type, List.copyOf(dims), elements, raw.slice()))
          != null) {
        throw new IllegalArgumentException("input: " + name + " (expected: each once)");
      }
      return this;
    }

    /**
     * Adds the labels.
     *
     * @param perSample labels of each sample, 1 or more
     * @param values sample by sample; not copied, to be left alone
     */
    public Builder labels(int perSample, long... values) {
      if (perSample < 1 || values.length != (long) perSample * size) {
        throw new IllegalArgumentException(
            "labels: %d (expected: %d for each of %d samples)"
                .formatted(values.length, perSample, size));
      }
      this.labelsPerSample = perSample;
      this.labels = values;
      return this;
    }

    /**
     * Adds the targets.
     *
     * @param perSample targets of each sample, 1 or more
     * @param values sample by sample, finite
     */
    public Builder targets(int perSample, float... values) {
      if (perSample < 1 || values.length != (long) perSample * size) {
        throw new IllegalArgumentException(
            "targets: %d (expected: %d for each of %d samples)"
                .formatted(values.length, perSample, size));
      }
      this.targets = values;
      return this;
    }

    /** The set. */
    public SampleSet build() {
      if (inputs.isEmpty()) {
        throw new IllegalArgumentException("inputs: none (expected: 1 or more)");
      }
      return new SampleSet(
          size,
          Collections.unmodifiableMap(new LinkedHashMap<>(inputs)),
          labelsPerSample,
          labels,
          targets);
    }
  }
}
