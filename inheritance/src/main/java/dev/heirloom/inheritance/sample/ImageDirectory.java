package dev.heirloom.inheritance.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleSpool;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory of images: a subdirectory for each class, classes being numbered from 0 in the order
 * of their names; or images only, which then have no labels. Names that begin with a dot are passed
 * over.
 */
final class ImageDirectory {

  private final Path directory;
  private final List<Path> files = new ArrayList<>();
  private final List<Long> labels = new ArrayList<>();

  private ImageDirectory(Path directory) {
    this.directory = directory;
  }

  static SampleSet read(Path directory, List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    ImageDirectory found = new ImageDirectory(directory);
    found.list();
    return found.decode(modelInputs, reading);
  }

  private void list() throws IOException, MalformedException {
    long label = 0;
    for (Path entry : entries(directory)) {
      if (!Files.isDirectory(entry)) {
        files.add(image(entry));
        continue;
      }
      for (Path file : entries(entry)) {
        files.add(image(file));
        labels.add(label);
      }
      label++;
    }
    if (files.isEmpty()) {
      throw new MalformedException(
          directory + ": no images (expected: some, or a subdirectory of them for each class)");
    }
    if (label > 0 && labels.size() != files.size()) {
      throw new MalformedException(
          directory + ": images beside subdirectories (expected: one or the other)");
    }
  }

  private static Path image(Path file) throws MalformedException {
    if (Files.isDirectory(file) || !ImageFile.isNamedAsImage(file)) {
      throw new MalformedException(
          file + ": not an image (expected: .png, .jpg, .jpeg, .bmp or .gif)");
    }
    return file;
  }

  private static List<Path> entries(Path of) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(of, entry -> !entry.getFileName().toString().startsWith("."))) {
      found.forEach(entries::add);
    }
    entries.sort(null);
    return entries;
  }

  private SampleSet decode(List<TensorSpec> modelInputs, Reading reading)
      throws IOException, MalformedException {
    TensorSpec input = input(modelInputs);
    ImageAxes axes = axes(input);
    try (SampleSpool spool = new SampleSpool(reading)) {
      for (int i = 0; i < files.size(); i++) {
        ImageFile image = ImageFile.read(files.get(i), axes);
        axes = axes.sized(image.height(), image.width());
        byte[] pixels = image.pixels(axes);
        spool.add(pixels, 0, pixels.length);
        reading.listener().read(i + 1, files.size());
      }
      SampleSet.Builder set =
          SampleSet.of(files.size())
              .input(input.name(), ElementType.ELEMENT_TYPE_UINT8, axes.dims(), spool);
      if (!labels.isEmpty()) {
        set.labels(1, labels.stream().mapToLong(Long::longValue).toArray());
      }
      return set.build();
    }
  }

  private TensorSpec input(List<TensorSpec> modelInputs) throws MalformedException {
    if (modelInputs.size() != 1) {
      throw new MalformedException(
          "%s: images are one input, the model has %d: %s (expected: a file.npz)"
              .formatted(
                  directory,
                  modelInputs.size(),
                  modelInputs.stream().map(TensorSpec::name).toList()));
    }
    return modelInputs.get(0);
  }

  private ImageAxes axes(TensorSpec input) throws MalformedException {
    Optional<ImageAxes> axes = ImageAxes.of(input);
    if (axes.isEmpty() || axes.get().channels() == 4) {
      throw new MalformedException(
          "%s: the model's input %s has axes %s (expected: 1 or 3 channels × height × width)"
              .formatted(directory, input.name(), input.sampleDims()));
    }
    return axes.get();
  }
}
