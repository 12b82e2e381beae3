package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples with their raw values, before preprocessing, and what is to be answered to them if that
 * is known: labels, which are integers, or targets, which are floating-point. The values lie on the
 * heap or in mapped files.
 */
public final class SampleSet {

  private final int size;
  private final Map<String, Column> inputs;
  private final @Nullable Column answers;

  /** For each sample its row; absent: the same number. */
  private final int @Nullable [] chosen;

  private SampleSet(
      int size, Map<String, Column> inputs, @Nullable Column answers, int @Nullable [] chosen) {
    this.size = size;
    this.inputs = inputs;
    this.answers = answers;
    this.chosen = chosen;
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
    return column(input).dims().stream().mapToLong(Long::longValue).toArray();
  }

  /** Elements of one sample of an input. */
  public int elements(String input) {
    return column(input).elements();
  }

  /** The element type of an input's raw values. */
  public ElementType type(String input) {
    return column(input).type();
  }

  /**
   * All raw values of an input, little-endian, row-major, batch first, read-only. For small sets:
   * they are copied unless they lie together already.
   *
   * @throws ArithmeticException if they are more than one buffer can hold
   */
  public ByteBuffer raw(String input) {
    Rows rows = column(input).rows();
    if (chosen == null && rows.contiguous()) {
      return rows.piece(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    ByteBuffer all = ByteBuffer.allocate(Math.multiplyExact(size, rows.rowBytes()));
    for (int sample = 0; sample < size; sample++) {
      all.put(rows.row(row(sample)));
    }
    return all.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The raw values of one sample, little-endian, row-major, read-only. */
  public ByteBuffer raw(String input, int sample) {
    return column(input).rows().row(row(sample));
  }

  /** Whether the samples have labels. */
  public boolean labelled() {
    return labelsPerSample() > 0;
  }

  /** Labels of each sample: 0, 1, or one per position. */
  public int labelsPerSample() {
    return answers == null || answers.isFloating() ? 0 : answers.elements();
  }

  /**
   * One label.
   *
   * @param position from 0 to {@link #labelsPerSample} - 1
   */
  public long label(int sample, int position) {
    return answers(position, labelsPerSample()).integer(row(sample), position);
  }

  /** Floating-point targets of each sample, as for a regression; 0 where there are none. */
  public int targetsPerSample() {
    return answers != null && answers.isFloating() ? answers.elements() : 0;
  }

  /**
   * One target; of a labelled set, the label as a number.
   *
   * @param position from 0 to {@link #targetsPerSample} - 1 or {@link #labelsPerSample} - 1
   */
  public float target(int sample, int position) {
    return answers(position, targetsPerSample() + labelsPerSample())
        .floating(row(sample), position);
  }

  /**
   * Checks that every label names one of {@code classes} classes.
   *
   * @throws MalformedException naming the first sample whose label does not
   */
  public void checkLabels(long classes) throws MalformedException {
    for (int sample = 0; sample < size && labelled(); sample++) {
      for (int position = 0; position < labelsPerSample(); position++) {
        long label = label(sample, position);
        if (label < 0 || label >= classes) {
          throw new MalformedException(
              "label of sample %d: %d (expected: 0..%d)".formatted(sample, label, classes - 1));
        }
      }
    }
  }

  /** A view of some samples, in the order given; a sample may be taken more than once. */
  public SampleSet select(int[] indices) {
    int[] rows = Arrays.stream(indices).map(this::row).toArray();
    return new SampleSet(rows.length, inputs, answers, rows);
  }

  /** A view of the first samples, or of all if there are fewer. */
  public SampleSet head(int count) {
    return count >= size ? this : select(IntStream.range(0, count).toArray());
  }

  Column column(String input) {
    Column column = inputs.get(input);
    if (column == null) {
      throw new IllegalArgumentException(
          "input: " + input + " (expected: one of " + inputs.keySet() + ")");
    }
    return column;
  }

  /** The row that a sample lies in. */
  int row(int sample) {
    if (sample < 0 || sample >= size) {
      throw new IllegalArgumentException(
          "sample: " + sample + " (expected: 0.." + (size - 1) + ")");
    }
    return chosen == null ? sample : chosen[sample];
  }

  private Column answers(int position, int perSample) {
    if (answers == null || position < 0 || position >= perSample) {
      throw new IllegalArgumentException(
          "position: " + position + " (expected: 0.." + (perSample - 1) + ")");
    }
    return answers;
  }

  /** Collects the parts of a set. */
  public static final class Builder {

    private final int size;
    private final Map<String, Column> inputs = new LinkedHashMap<>();
    private @Nullable Column answers;

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
      int sampleBytes = Column.bytes(name, type, dims);
      if (raw.remaining() != (long) size * sampleBytes) {
        throw new IllegalArgumentException(
            "values of %s: %d bytes (expected: %d)"
                .formatted(name, raw.remaining(), (long) size * sampleBytes));
      }
      return input(name, new Column(type, dims, Rows.of(raw, size, sampleBytes)));
    }

    /**
     * Adds an input whose values were collected.
     *
     * @param dims axes of one sample, without the batch axis
     */
    public Builder input(String name, ElementType type, List<Long> dims, SampleSpool values)
        throws IOException {
      int sampleBytes = Column.bytes(name, type, dims);
      return input(name, new Column(type, dims, values.rows(size, sampleBytes)));
    }

    Builder input(String name, Column column) {
      checkSize(column);
      if (inputs.putIfAbsent(name, column) != null) {
        throw new IllegalArgumentException("input: " + name + " (expected: each once)");
      }
      return this;
    }

    /**
     * Adds the labels.
     *
     * @param perSample labels of each sample, 1 or more
     * @param values sample by sample
     */
    public Builder labels(int perSample, long... values) {
      checkAnswers("labels", perSample, values.length);
      ByteBuffer raw =
          ByteBuffer.allocate(Math.multiplyExact(values.length, Long.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      raw.asLongBuffer().put(values);
      return answers(ElementType.ELEMENT_TYPE_INT64, perSample, raw);
    }

    /**
     * Adds the targets.
     *
     * @param perSample targets of each sample, 1 or more
     * @param values sample by sample, finite
     */
    public Builder targets(int perSample, float... values) {
      checkAnswers("targets", perSample, values.length);
      ByteBuffer raw =
          ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      raw.asFloatBuffer().put(values);
      return answers(ElementType.ELEMENT_TYPE_FLOAT32, perSample, raw);
    }

    private Builder answers(ElementType type, int perSample, ByteBuffer raw) {
      int sampleBytes = Math.multiplyExact(perSample, ElementTypes.bytes(type));
      return answers(new Column(type, List.of((long) perSample), Rows.of(raw, size, sampleBytes)));
    }

    Builder answers(Column column) {
      checkSize(column);
      this.answers = column;
      return this;
    }

    private void checkAnswers(String what, int perSample, int values) {
      if (perSample < 1 || values != (long) perSample * size) {
        throw new IllegalArgumentException(
            "%s: %d (expected: %d for each of %d samples)"
                .formatted(what, values, perSample, size));
      }
    }

    private void checkSize(Column column) {
      if (column.rows().size() != size) {
        throw new IllegalArgumentException(
            "samples: " + column.rows().size() + " (expected: " + size + ")");
      }
    }

    /** The set. */
    public SampleSet build() {
      if (inputs.isEmpty()) {
        throw new IllegalArgumentException("inputs: none (expected: 1 or more)");
      }
      return new SampleSet(
          size, Collections.unmodifiableMap(new LinkedHashMap<>(inputs)), answers, null);
    }
  }
}
