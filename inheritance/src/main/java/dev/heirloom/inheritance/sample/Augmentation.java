package dev.heirloom.inheritance.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import java.util.List;
import java.util.Optional;

/**
 * Random changes to the images that are trained on; teacher and heirs see the same ones.
 *
 * @param input the input to change; empty for the only one that takes images
 * @param crop pixels of black around an image, out of which one of its own size is cut anywhere; 0
 *     for none
 * @param flip whether every other image is mirrored left to right
 */
public record Augmentation(Optional<String> input, int crop, boolean flip) {

  /** No changes. */
  public static final Augmentation NONE = new Augmentation(Optional.empty(), 0, false);

  private static final int MAX_CROP = 1024;
  private static final String FORM = "[INPUT:]crop=PIXELS,flip";

  public Augmentation {
    if (crop < 0 || crop > MAX_CROP) {
      throw new IllegalArgumentException("crop: " + crop + " (expected: 0.." + MAX_CROP + ")");
    }
  }

  /**
   * Reads an option of the form {@code [input:]crop=4,flip}; the empty one changes nothing.
   *
   * @throws MalformedException if it has another form
   */
  public static Augmentation parse(String option) throws MalformedException {
    if (option.isEmpty()) {
      return NONE;
    }
    int colon = option.lastIndexOf(':');
    Optional<String> input = colon < 0 ? Optional.empty() : Optional.of(option.substring(0, colon));
    int crop = 0;
    boolean flip = false;
    for (String part : option.substring(colon + 1).split(",", -1)) {
      if (part.equals("flip") && !flip) {
        flip = true;
      } else if (part.matches("crop=[1-9][0-9]{0,3}") && crop == 0) {
        crop = Integer.parseInt(part.substring("crop=".length()));
      } else {
        throw new MalformedException("'%s' (expected: %s)".formatted(option, FORM));
      }
    }
    try {
      return new Augmentation(input, crop, flip);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("'%s': %s".formatted(option, e.getMessage()), e);
    }
  }

  /** Whether anything is changed. */
  public boolean changes() {
    return crop > 0 || flip;
  }

  /**
   * Checks that the model has images to change.
   *
   * @throws MalformedException if it has none, has several and none is named, or if they are
   *     smaller than what is cut off
   */
  public void check(List<TensorSpec> modelInputs) throws MalformedException {
    if (!changes()) {
      return;
    }
    TensorSpec found = find(modelInputs);
    ImageAxes axes = ImageAxes.of(found).orElseThrow();
    for (long extent : new long[] {axes.height(), axes.width()}) {
      if (extent != -1 && crop >= extent) {
        throw new MalformedException(
            "augmentation: crop of %d pixels (expected: less than %s's %d × %d)"
                .formatted(crop, found.name(), axes.height(), axes.width()));
      }
    }
  }

  /**
   * A preprocessor whose batches are changed.
   *
   * @param modelInputs as they were checked
   * @param seed of what is drawn, which depends on it and on the samples in a batch only
   */
  public Preprocessor over(Preprocessor preprocessor, List<TensorSpec> modelInputs, long seed)
      throws MalformedException {
    if (!changes()) {
      return preprocessor;
    }
    String changed = find(modelInputs).name();
    ImageChange change = new ImageChange(this, preprocessor, seed);
    return preprocessor.changedBy(
        (name, values, indices) ->
            name.equals(changed) ? change.of(name, values, indices) : values);
  }

  private TensorSpec find(List<TensorSpec> modelInputs) throws MalformedException {
    List<TensorSpec> images =
        modelInputs.stream()
            .filter(spec -> spec.type() == ElementType.ELEMENT_TYPE_FLOAT32)
            .filter(spec -> ImageAxes.of(spec).isPresent())
            .filter(spec -> input.isEmpty() || input.get().equals(spec.name()))
            .toList();
    if (images.isEmpty()) {
      throw new MalformedException(
          "augmentation: %s (expected: a floating-point input of channels × height × width)"
              .formatted(
                  input.isPresent()
                      ? input.get() + " is no image input of the model"
                      : "the model takes no images"));
    }
    if (images.size() > 1) {
      throw new MalformedException(
          "augmentation: several inputs may be images: %s (expected: one of them named, %s)"
              .formatted(images.stream().map(TensorSpec::name).toList(), FORM));
    }
    return images.get(0);
  }
}
