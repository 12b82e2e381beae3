package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads labelled samples from IDX or NumPy files. */
public final class SampleFiles {

  /** The array of an {@code .npz} file that holds the labels. */
  public static final String LABEL = "label";

  private SampleFiles() {}

  /**
   * Reads samples to learn from or to measure with: at least one, and labelled.
   *
   * @throws MalformedException as {@link #read} does, or if there is none, or none has a label
   */
  public static SampleSet readLabelled(String spec, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    SampleSet samples = read(spec, modelInputs);
    if (samples.size() == 0 || !samples.labelled()) {
      throw new MalformedException(
          spec + ": has no " + (samples.size() == 0 ? "samples" : "labels"));
    }
    return samples;
  }

  /**
   * Reads labelled samples for a model.
   *
   * @param spec {@code images.idx[.gz],labels.idx[.gz]}, or an {@code .npz} whose arrays are named
   *     as the model's inputs, with {@code label}
   * @param modelInputs the model's inputs, batch axis first
   * @throws NoSuchFileException if a file is not there
   * @throws MalformedException if a file is not sound or does not fit the model
   */
  public static SampleSet read(String spec, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    Map<String, RawArray> arrays;
    if (spec.endsWith(".npz")) {
      arrays = npz(path(spec), modelInputs);
    } else {
      arrays = idx(spec, modelInputs);
    }
    return fit(spec, arrays, modelInputs);
  }

  private static Map<String, RawArray> npz(Path file, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    List<String> names = new ArrayList<>(modelInputs.stream().map(TensorSpec::name).toList());
    names.add(LABEL);
    return NpzReader.read(file, names);
  }

  private static Map<String, RawArray> idx(String spec, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    String[] parts = spec.split(",", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new MalformedException(
          "data '%s': expected images.idx[.gz],labels.idx[.gz] or a file.npz".formatted(spec));
    }
    if (modelInputs.size() != 1) {
      throw new MalformedException(
          "data '%s': IDX files hold one input, the model has %d: %s (expected: a file.npz)"
              .formatted(
                  spec, modelInputs.size(), modelInputs.stream().map(TensorSpec::name).toList()));
    }
    Map<String, RawArray> arrays = new LinkedHashMap<>();
    arrays.put(modelInputs.get(0).name(), IdxReader.read(path(parts[0])));
    arrays.put(LABEL, IdxReader.read(path(parts[1])));
    return arrays;
  }

  private static Path path(String text) throws IOException, MalformedException {
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw new MalformedException("data '" + text + "': not a path", e);
    }
    if (!Files.exists(path)) {
      throw new NoSuchFileException(text);
    }
    if (!Files.isRegularFile(path)) {
      throw new MalformedException("data '" + text + "': not a file");
    }
    return path;
  }

  private static SampleSet fit(
      String spec, Map<String, RawArray> arrays, List<TensorSpec> modelInputs)
      throws MalformedException {
    RawArray labels = arrays.get(LABEL);
    if (labels == null || labels.dims().isEmpty()) {
      throw new MalformedException(spec + ": " + LABEL + " has no axes");
    }
    int size = Math.toIntExact(labels.dims().get(0));
    if (size == 0) {
      throw new MalformedException(spec + ": no samples");
    }
    SampleSet.Builder set = SampleSet.of(size);
    for (TensorSpec input : modelInputs) {
      RawArray array = arrays.get(input.name());
      if (array == null || array.dims().isEmpty()) {
        throw new MalformedException(spec + ": " + input.name() + " has no axes");
      }
      if (array.dims().get(0) != size) {
        throw new MalformedException(
            "%s: %s holds %d samples, %s holds %d"
                .formatted(spec, input.name(), array.dims().get(0), LABEL, size));
      }
      checkType(spec, input, array);
      checkFinite(spec, input, array);
      set.input(input.name(), array.type(), fit(spec, input, array), array.raw());
    }
    if (labels.type() == ElementType.ELEMENT_TYPE_FLOAT32) {
      FloatBuffer targets = labels.raw().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[targets.remaining()];
      targets.get(values);
      return set.targets(values.length / size, values).build();
    }
    long[] values = labels.integers();
    return set.labels(values.length / size, values).build();
  }

  /** The sample's axes as the model has them: an axis of 1 that only the model has is added. */
  private static List<Long> fit(String spec, TensorSpec input, RawArray array)
      throws MalformedException {
    List<Long> held = array.dims().subList(1, array.dims().size());
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
    throw new MalformedException(
        "%s: a sample of %s has axes %s (expected: %s, -1 for any)"
            .formatted(spec, input.name(), held, expected));
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

  private static void checkType(String spec, TensorSpec input, RawArray array)
      throws MalformedException {
    if (input.type() == ElementType.ELEMENT_TYPE_FLOAT32 || array.type() == input.type()) {
      return;
    }
    String expected = ElementTypes.title(input.type());
    if (array.type() == ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException(
          "%s: %s is floating-point (expected: integers for the model's %s input)"
              .formatted(spec, input.name(), expected));
    }
    if (input.type() == ElementType.ELEMENT_TYPE_INT64) {
      return;
    }
    long least = input.type() == ElementType.ELEMENT_TYPE_UINT8 ? 0 : Integer.MIN_VALUE;
    long most = input.type() == ElementType.ELEMENT_TYPE_UINT8 ? 255 : Integer.MAX_VALUE;
    for (long value : array.integers()) {
      if (value < least || value > most) {
        throw new MalformedException(
            "%s: %s holds %d, which the model's %s input cannot take"
                .formatted(spec, input.name(), value, expected));
      }
    }
  }

  private static void checkFinite(String spec, TensorSpec input, RawArray array)
      throws MalformedException {
    if (array.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      return;
    }
    FloatBuffer values = array.raw().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int i = 0; i < values.limit(); i++) {
      if (!Float.isFinite(values.get(i))) {
        long sample = i * array.dims().get(0) / values.limit();
        throw new MalformedException(
            "%s: sample %d of %s holds %s (expected: finite numbers)"
                .formatted(spec, sample, input.name(), values.get(i)));
      }
    }
  }
}
