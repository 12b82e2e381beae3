package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads samples from NumPy, IDX, CSV and CIFAR files. What is large is mapped, not loaded, and must
 * be left alone while it is in use.
 */
public final class SampleFiles {

  /** The array of an {@code .npz} file that holds the labels. */
  public static final String LABEL = "label";

  /** What a specification may be. */
  static final String FORMS =
      "images.idx[.gz],labels.idx[.gz], images.idx[.gz], a file.npz, a file.csv[.gz],"
          + " cifar10:FILES or cifar100:FILES";

  private SampleFiles() {}

  /**
   * Reads samples to learn from or to measure with: labelled, or with targets.
   *
   * @throws MalformedException as {@link #read} does, or if there is neither
   */
  public static SampleSet readLabelled(String spec, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    return labelled(spec, read(spec, modelInputs));
  }

  /**
   * The samples, if they have labels or targets.
   *
   * @param spec where they are from
   * @throws MalformedException if they have none
   */
  public static SampleSet labelled(String spec, SampleSet samples) throws MalformedException {
    if (!samples.labelled() && samples.targetsPerSample() == 0) {
      throw new MalformedException(spec + ": has no labels");
    }
    return samples;
  }

  /** Reads samples for a model, unheard. */
  public static SampleSet read(String spec, List<TensorSpec> modelInputs)
      throws IOException, MalformedException {
    return read(spec, modelInputs, Reading.quiet());
  }

  /**
   * Reads samples for a model: at least one; labels may be missing.
   *
   * @param spec {@code images.idx[.gz],labels.idx[.gz]}, or the images only; an {@code .npz} whose
   *     arrays are named as the model's inputs and {@code label}; a {@code .csv[.gz]}; {@code
   *     cifar10:} or {@code cifar100:} and files, patterns or a directory
   * @param modelInputs the model's inputs, batch axis first
   * @throws NoSuchFileException if a file is not there
   * @throws MalformedException if a file is not sound or does not fit the model
   */
  public static SampleSet read(String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    if (modelInputs.stream().anyMatch(input -> input.name().equals(LABEL))) {
      throw new MalformedException(
          "the model's input '%s' has the name of the labels (expected: another name)"
              .formatted(LABEL));
    }
    return SampleFit.of(spec, arrays(spec, modelInputs, reading), modelInputs, reading);
  }

  private static Map<String, RawArray> arrays(
      String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    if (spec.endsWith(".npz")) {
      List<String> names = new ArrayList<>(modelInputs.stream().map(TensorSpec::name).toList());
      names.add(LABEL);
      return NpzReader.read(path(spec), names, LABEL, reading);
    }
    for (CifarReader.Variant variant : CifarReader.Variant.values()) {
      if (spec.startsWith(variant.prefix())) {
        TensorSpec input = single(spec, "CIFAR files hold", modelInputs);
        String files = spec.substring(variant.prefix().length());
        CifarReader.Content content = CifarReader.read(variant, files, reading);
        return Map.of(input.name(), content.images(), LABEL, content.labels());
      }
    }
    if (spec.endsWith(".csv") || spec.endsWith(".csv.gz")) {
      return csv(spec, modelInputs, reading);
    }
    return idx(spec, modelInputs, reading);
  }

  private static Map<String, RawArray> csv(
      String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    TensorSpec input = single(spec, "a .csv holds", modelInputs);
    if (input.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException(
          "data '%s': a .csv is for a floating-point input, %s is not (expected: a file.npz)"
              .formatted(spec, input.name()));
    }
    CsvReader.Content content = CsvReader.read(path(spec), input, reading);
    Map<String, RawArray> arrays = new LinkedHashMap<>();
    arrays.put(input.name(), content.features());
    content.labels().ifPresent(labels -> arrays.put(LABEL, labels));
    return arrays;
  }

  private static Map<String, RawArray> idx(
      String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    String[] parts = spec.split(",", -1);
    if (parts.length > 2 || List.of(parts).contains("")) {
      throw new MalformedException("data '%s' (expected: %s)".formatted(spec, FORMS));
    }
    TensorSpec input = single(spec, "IDX files hold", modelInputs);
    Map<String, RawArray> arrays = new LinkedHashMap<>();
    arrays.put(input.name(), IdxReader.read(path(parts[0]), reading));
    if (parts.length == 2) {
      arrays.put(LABEL, IdxReader.read(path(parts[1]), reading));
    }
    return arrays;
  }

  private static TensorSpec single(String spec, String who, List<TensorSpec> modelInputs)
      throws MalformedException {
    if (modelInputs.size() != 1) {
      throw new MalformedException(
          "data '%s': %s one input, the model has %d: %s (expected: a file.npz)"
              .formatted(
                  spec,
                  who,
                  modelInputs.size(),
                  modelInputs.stream().map(TensorSpec::name).toList()));
    }
    return modelInputs.get(0);
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
}
