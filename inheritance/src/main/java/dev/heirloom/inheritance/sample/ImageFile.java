package dev.heirloom.inheritance.sample;

import dev.heirloom.runtime.MalformedException;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One image as its file holds it: 8 bits a channel, without colour management and transparency, as
 * most training programs read it.
 */
final class ImageFile {

  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");

  /** What JPEG's reader says of files that it makes up the rest of. */
  private static final List<String> DAMAGED = List.of("EOI", "Premature end", "Corrupt");

  private final Path path;
  private final BufferedImage image;

  private ImageFile(Path path, BufferedImage image) {
    this.path = path;
    this.image = image;
  }

  /** Whether a file's name is that of an image. */
  static boolean isNamedAsImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /**
   * Reads an image, after checking its size.
   *
   * @param axes that it has to fit
   */
  static ImageFile read(Path path, ImageAxes axes) throws IOException, MalformedException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(file)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new MalformedException(path + ": not an image (expected: PNG, JPEG, BMP or GIF)");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return new ImageFile(path, decode(reader, path, axes));
      } catch (IOException | RuntimeException e) {
        throw new MalformedException(
            path + ": damaged, truncated or of a rare kind: " + e.getMessage(), e);
      } finally {
        reader.dispose();
      }
    }
  }

  private static BufferedImage decode(ImageReader reader, Path path, ImageAxes axes)
      throws IOException, MalformedException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (!axes.takes(height, width)) {
      throw new MalformedException(
          "%s: %d × %d pixels (expected: %s × %s, width × height as the model takes it)"
              .formatted(path, width, height, pixels(axes.width()), pixels(axes.height())));
    }
    if ((long) width * height * axes.channels() > Integer.MAX_VALUE / Integer.BYTES) {
      throw new MalformedException(
          "%s: %d × %d pixels are too many for one sample".formatted(path, width, height));
    }
    Warnings warnings = new Warnings();
    reader.addIIOReadWarningListener((source, warning) -> warnings.hear(warning));
    BufferedImage image = reader.read(0);
    if (warnings.damage().isPresent()) {
      throw new IOException(warnings.damage().get());
    }
    return image;
  }

  private static String pixels(long extent) {
    return extent == -1 ? "any" : Long.toString(extent);
  }

  int height() {
    return image.getHeight();
  }

  int width() {
    return image.getWidth();
  }

  /**
   * The pixels, uint8, in the order of the axes. Colours become grey by ITU-R BT.601 luma, as
   * Pillow rounds it; grey is repeated for colours.
   */
  byte[] pixels(ImageAxes axes) throws MalformedException {
    int[] red = new int[width()];
    int[] green = new int[width()];
    int[] blue = new int[width()];
    int[][] bands = {red, green, blue};
    byte[] pixels = new byte[Math.multiplyExact(axes.channels(), height() * width())];
    for (int y = 0; y < height(); y++) {
      line(y, red, green, blue);
      for (int x = 0; x < width(); x++) {
        int at = y * width() + x;
        if (axes.channels() == 1) {
          pixels[at] = (byte) luma(red[x], green[x], blue[x]);
          continue;
        }
        for (int c = 0; c < 3; c++) {
          pixels[axes.channelsFirst() ? c * height() * width() + at : 3 * at + c] =
              (byte) bands[c][x];
        }
      }
    }
    return pixels;
  }

  /** (19595 r + 38470 g + 7471 b + 2¹⁵) / 2¹⁶: 0.299, 0.587 and 0.114, rounded. */
  private static int luma(int red, int green, int blue) {
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }

  /** One line of pixels, 0..255. */
  private void line(int y, int[] red, int[] green, int[] blue) throws MalformedException {
    if (image.getColorModel() instanceof IndexColorModel) {
      for (int x = 0; x < red.length; x++) {
        int rgb = image.getRGB(x, y);
        red[x] = rgb >> 16 & 0xff;
        green[x] = rgb >> 8 & 0xff;
        blue[x] = rgb & 0xff;
      }
      return;
    }
    Raster raster = image.getRaster();
    boolean grey = raster.getNumBands() < 3;
    int bits = raster.getSampleModel().getSampleSize(0);
    boolean plain = raster.getSampleModel() instanceof ComponentSampleModel;
    if (bits != 8 && !(plain && bits == 16)) {
      throw new MalformedException(
          "%s: %d bits a channel (expected: 8 or 16)".formatted(path, bits));
    }
    raster.getSamples(0, y, red.length, 1, 0, red);
    raster.getSamples(0, y, red.length, 1, grey ? 0 : 1, green);
    raster.getSamples(0, y, red.length, 1, grey ? 0 : 2, blue);
    for (int x = 0; x < red.length && bits == 16; x++) {
      red[x] >>= 8;
      green[x] >>= 8;
      blue[x] >>= 8;
    }
  }

  /** Keeps the first warning that is about lost pixels. */
  private static final class Warnings {
    private @Nullable String damage;

    void hear(String warning) {
      if (damage == null && DAMAGED.stream().anyMatch(warning::contains)) {
        damage = warning;
      }
    }

    Optional<String> damage() {
      return Optional.ofNullable(damage);
    }
  }
}
