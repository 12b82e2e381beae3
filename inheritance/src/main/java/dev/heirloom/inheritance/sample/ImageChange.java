package dev.heirloom.inheritance.sample;

import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Crops and flips the images of a batch. */
final class ImageChange implements Preprocessor.Change {

  /** 2⁶⁴ divided by the golden ratio: spreads seeds that are near each other. */
  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  private final Augmentation augmentation;
  private final Preprocessor preprocessor;
  private final long seed;

  /**
   * @param preprocessor says what black becomes
   */
  ImageChange(Augmentation augmentation, Preprocessor preprocessor, long seed) {
    this.augmentation = augmentation;
    this.preprocessor = preprocessor;
    this.seed = seed;
  }

  @Override
  public TensorValue of(String input, TensorValue values, int[] indices) {
    long[] dims = values.dims();
    ImageAxes axes =
        ImageAxes.of(Arrays.stream(dims).skip(1).boxed().toList())
            .orElseThrow(() -> new IllegalArgumentException("dims: " + Arrays.toString(dims)));
    int size = values.elements() / indices.length;
    float[] image = new float[size];
    float[] changed = new float[size];
    FloatBuffer source = values.floatBuffer();
    FloatBuffer target = TensorValue.directFloats(values.elements());
    float[] black = black(input, axes);
    SplittableRandom random = random(indices);
    for (int i = 0; i < indices.length; i++) {
      source.get(i * size, image);
      int down = random.nextInt(2 * augmentation.crop() + 1) - augmentation.crop();
      int right = random.nextInt(2 * augmentation.crop() + 1) - augmentation.crop();
      boolean mirrored = augmentation.flip() && random.nextBoolean();
      change(axes, image, changed, down, right, mirrored, black);
      target.put(changed);
    }
    return TensorValue.floats(target.flip(), dims);
  }

  /** By channel. Channels that come last are normalised alike. */
  private float[] black(String input, ImageAxes axes) {
    float[] black = new float[axes.channels()];
    for (int c = 0; c < black.length; c++) {
      black[c] = preprocessor.zero(input, axes.channelsFirst() ? c : 0);
    }
    return black;
  }

  /** The same for the same samples in the same order, whenever they are asked for. */
  private SplittableRandom random(int[] indices) {
    long mixed = seed;
    for (int index : indices) {
      mixed = (mixed + index + 1) * SPREAD;
      mixed ^= mixed >>> 29;
    }
    return new SplittableRandom(mixed);
  }

  /** Moves what is seen, then mirrors it. */
  private static void change(
      ImageAxes axes,
      float[] image,
      float[] changed,
      int down,
      int right,
      boolean mirrored,
      float[] black) {
    int height = (int) axes.height();
    int width = (int) axes.width();
    int channels = axes.channels();
    int pixel = axes.channelsFirst() ? 1 : channels;
    for (int c = 0; c < channels; c++) {
      int plane = axes.channelsFirst() ? c * height * width : c;
      for (int y = 0; y < height; y++) {
        int fromY = y + down;
        for (int x = 0; x < width; x++) {
          int fromX = (mirrored ? width - 1 - x : x) + right;
          boolean inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
          changed[plane + (y * width + x) * pixel] =
              inside ? image[plane + (fromY * width + fromX) * pixel] : black[c];
        }
      }
    }
  }
}
