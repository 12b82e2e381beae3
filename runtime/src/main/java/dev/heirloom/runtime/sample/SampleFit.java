package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a set of arrays that were read, after checking that they fit a model and each other. */
final class SampleFit {

  private final String spec;
  private final Reading reading;

  private SampleFit(String spec, Reading reading) {
    this.spec = spec;
    this.reading = reading;
  }

  /**
   * Checks and joins arrays.
   *
   * @param spec names them in messages
   * @param arrays by input; the answers as {@link SampleFiles#LABEL}, if there are any
   */
  static SampleSet of(
      String spec, Map<String, RawArray> arrays, List<TensorSpec> modelInputs, Reading reading)
      throws MalformedException {
    return new SampleFit(spec, reading).fit(arrays, modelInputs);
  }

  private SampleSet fit(Map<String, RawArray> arrays, List<TensorSpec> modelInputs)
      throws MalformedException {
    int size = -1;
    String sized = "";
    for (Map.Entry<String, RawArray> entry : arrays.entrySet()) {
      RawArray array = entry.getValue();
      if (array.dims().isEmpty()) {
        throw wrong(entry.getKey() + " has no axes");
      }
      if (size >= 0 && array.rows().size() != size) {
        throw wrong(
            "%s holds %d samples, %s holds %d"
                .formatted(sized, size, entry.getKey(), array.rows().size()));
      }
      size = array.rows().size();
      sized = entry.getKey();
    }
    if (size == 0) {
      throw wrong("no samples");
    }
    SampleSet.Builder set = SampleSet.of(size);
    for (TensorSpec input : modelInputs) {
      RawArray array = arrays.get(input.name());
      if (array == null) {
        throw wrong("no array " + input.name());
      }
      Column column = new Column(array.type(), axes(input, array), array.rows());
      checkType(input, column);
      checkFinite(input.name(), column);
      set.input(input.name(), column);
    }
    RawArray labels = arrays.get(SampleFiles.LABEL);
    if (labels != null) {
      Column column = new Column(labels.type(), labels.sampleDims(), labels.rows());
      if (column.elements() == 0) {
        throw wrong("%s has axes %s".formatted(SampleFiles.LABEL, labels.dims()));
      }
      checkFinite(SampleFiles.LABEL, column);
      set.answers(column);
    }
    return set.build();
  }

  /** The sample's axes as the model has them: an axis of 1 that only the model has is added. */
  private List<Long> axes(TensorSpec input, RawArray array) throws MalformedException {
    List<Long> held = array.sampleDims();
    List<Long> expected = input.sampleDims();
    if (fits(held, expected)) {
      return held;
    }
    if (held.size() + 1 == expected.size()) {
      for (int axis : new int[] {0, held.size()}) {
        List<Long> widened = new ArrayList<>(held);
        widened.add(axis, 1L);
        if (fits(widened, expected)) {
          return widened;
        }
      }
    }
    throw wrong(
        "a sample of %s has axes %s (expected: %s, -1 for any)"
            .formatted(input.name(), held, expected));
  }

  private static boolean fits(List<Long> held, List<Long> expected) {
    if (held.size() != expected.size()) {
      return false;
    }
    for (int axis = 0; axis < held.size(); axis++) {
      if (expected.get(axis) != -1 && !expected.get(axis).equals(held.get(axis))) {
        return false;
      }
    }
    return true;
  }

  private void checkType(TensorSpec input, Column column) throws MalformedException {
    if (!ElementTypes.sampled(input.type())) {
      throw wrong(
          "the model's input %s is %s (expected: %s)"
              .formatted(input.name(), ElementTypes.title(input.type()), ElementTypes.SAMPLED));
    }
    if (input.type() == ElementType.ELEMENT_TYPE_FLOAT32 || column.type() == input.type()) {
      return;
    }
    String expected = ElementTypes.title(input.type());
    if (column.isFloating()) {
      throw wrong(
          "%s is floating-point (expected: integers for the model's %s input)"
              .formatted(input.name(), expected));
    }
    if (input.type() == ElementType.ELEMENT_TYPE_INT64
        || column.type() == ElementType.ELEMENT_TYPE_UINT8) {
      return;
    }
    long least = input.type() == ElementType.ELEMENT_TYPE_UINT8 ? 0 : Integer.MIN_VALUE;
    long most = input.type() == ElementType.ELEMENT_TYPE_UINT8 ? 255 : Integer.MAX_VALUE;
    for (int sample = 0; sample < column.rows().size(); sample++) {
      for (int i = 0; i < column.elements(); i++) {
        long value = column.integer(sample, i);
        if (value < least || value > most) {
          throw wrong(
              "%s holds %d, which the model's %s input cannot take"
                  .formatted(input.name(), value, expected));
        }
      }
    }
  }

  private void checkFinite(String name, Column column) throws MalformedException {
    if (!column.isFloating()) {
      return;
    }
    int size = column.rows().size();
    Reading.Tally tally = reading.tally((long) size * column.rows().rowBytes());
    float[] values = new float[column.elements()];
    for (int sample = 0; sample < size; sample++) {
      column.rows().row(sample).asFloatBuffer().get(values);
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw wrong(
              "sample %d of %s holds %s (expected: finite numbers)".formatted(sample, name, value));
        }
      }
      tally.add(column.rows().rowBytes());
    }
  }

  private MalformedException wrong(String what) {
    return new MalformedException(spec + ": " + what);
  }
}
