package dev.heirloom.inheritance.sample;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads samples from all that {@link SampleFiles} reads, and from directories of images, which need
 * more of Java than a device carries.
 */
public final class SampleSources {

  private SampleSources() {}

  /**
   * Reads samples for a model: at least one; labels may be missing.
   *
   * @param spec a directory of images, or what {@link SampleFiles#read} takes
   * @param modelInputs the model's inputs, batch axis first
   * @throws MalformedException if a file is not sound or does not fit the model
   */
  public static SampleSet read(String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    if (isDirectory(spec)) {
      return ImageDirectory.read(Path.of(spec), modelInputs, reading);
    }
    return SampleFiles.read(spec, modelInputs, reading);
  }

  /**
   * Reads samples that have labels or targets.
   *
   * @throws MalformedException as {@link #read} does, or if there are neither
   */
  public static SampleSet readLabelled(String spec, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    return SampleFiles.labelled(spec, read(spec, modelInputs, reading));
  }

  private static boolean isDirectory(String spec) {
    try {
      return !spec.isEmpty() && Files.isDirectory(Path.of(spec));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
