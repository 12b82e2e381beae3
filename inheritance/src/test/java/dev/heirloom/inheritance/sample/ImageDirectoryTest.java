package dev.heirloom.inheritance.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.sample.SampleSet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDirectoryTest {

  private static final int WIDTH = 3;
  private static final int HEIGHT = 2;
  private static final int SIDE = 16;
  private static final List<TensorSpec> GREY = input(1, HEIGHT, WIDTH);
  private static final List<TensorSpec> COLOUR = input(3, HEIGHT, WIDTH);

  @TempDir private Path directory;

  @Test
  void numbersClassesInTheOrderOfTheirNames() throws Exception {
    write("dog/b.png", grey(30));
    write("dog/a.png", grey(20));
    write("cat/z.png", grey(10));
    Files.createDirectories(directory.resolve("empty"));
    write("fox/1.png", grey(40));
    Files.writeString(directory.resolve("dog/.hidden"), "passed over");
    List<Long> heard = new ArrayList<>();
    SampleSet samples =
        SampleSources.readLabelled(
            directory.toString(), GREY, Reading.heardBy((done, total) -> heard.add(done)));
    assertThat(samples.size()).isEqualTo(4);
    assertThat(samples.dims("image")).containsExactly(1, HEIGHT, WIDTH);
    long[] labels = {0, 1, 1, 3};
    for (int i = 0; i < 4; i++) {
      assertThat(samples.raw("image", i).get(0)).isEqualTo((byte) (10 * (i + 1)));
      assertThat(samples.label(i, 0)).isEqualTo(labels[i]);
    }
    assertThat(heard).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void readsImagesWithoutClassesAsUnlabelled() throws Exception {
    write("b.png", grey(2));
    write("a.png", grey(1));
    SampleSet samples = read(GREY);
    assertThat(samples.size()).isEqualTo(2);
    assertThat(samples.labelled()).isFalse();
    assertThat(samples.raw("image", 0).get(0)).isEqualTo((byte) 1);
    assertThatThrownBy(
            () -> SampleSources.readLabelled(directory.toString(), GREY, Reading.quiet()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("has no labels");
  }

  @ParameterizedTest
  @CsvSource({"png,1", "png,5", "png,6", "png,13", "bmp,5"})
  void readsColoursChannelByChannel(String format, int type) throws Exception {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
    image.setRGB(0, 0, 0xffff0000);
    image.setRGB(1, 0, 0xff00ff00);
    image.setRGB(2, 1, 0xff0000ff);
    write("x." + format, image);
    byte[] first = bytes(read(COLOUR).raw("image", 0));
    byte[] channelsFirst = new byte[18];
    channelsFirst[0] = -1;
    channelsFirst[6 + 1] = -1;
    channelsFirst[12 + 5] = -1;
    assertThat(first).isEqualTo(channelsFirst);
    byte[] channelsLast = new byte[18];
    channelsLast[0] = -1;
    channelsLast[3 + 1] = -1;
    channelsLast[15 + 2] = -1;
    assertThat(bytes(read(input(HEIGHT, WIDTH, 3)).raw("image", 0))).isEqualTo(channelsLast);
    // 0.299, 0.587 and 0.114 of 255
    assertThat(bytes(read(GREY).raw("image", 0))).containsExactly(76, (byte) 150, 0, 0, 0, 29);
  }

  @Test
  void takesGreyAsItIsAndRepeatsItForColours() throws Exception {
    write("8-bit.png", grey(100));
    BufferedImage wide = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY);
    wide.getRaster().setSample(0, 0, 0, 100 << 8 | 7);
    write("wide.png", wide);
    for (int i = 0; i < 2; i++) {
      assertThat(read(GREY).raw("image", i).get(0)).isEqualTo((byte) 100);
      for (int c = 0; c < 3; c++) {
        assertThat(read(COLOUR).raw("image", i).get(6 * c)).isEqualTo((byte) 100);
      }
    }
  }

  @Test
  void readsJpegNearlyAsItWas() throws Exception {
    write("x.jpg", grey(90));
    assertThat(read(GREY).raw("image", 0).get(0) - 90).isBetween(-2, 2);
  }

  @Test
  void refusesOtherSizes() throws Exception {
    write("a/1.png", grey(1));
    write("a/2.png", new BufferedImage(4, 5, BufferedImage.TYPE_BYTE_GRAY));
    refuses(GREY, "2.png: 4 × 5 pixels (expected: 3 × 2, width × height as the model takes it)");
    refuses(input(1, -1, -1), "2.png: 4 × 5 pixels (expected: 3 × 2");
    Files.delete(directory.resolve("a/2.png"));
    assertThat(read(input(1, -1, -1)).dims("image")).containsExactly(1, HEIGHT, WIDTH);
  }

  @Test
  void readsGif() throws Exception {
    BufferedImage image = noise(BufferedImage.TYPE_BYTE_INDEXED);
    write("x.gif", image);
    ByteBuffer raw = read(input(3, SIDE, SIDE)).raw("image", 0);
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = image.getRGB(i % SIDE, i / SIDE);
      for (int c = 0; c < 3; c++) {
        assertThat(raw.get(c * SIDE * SIDE + i)).isEqualTo((byte) (rgb >> (16 - 8 * c)));
      }
    }
  }

  /** A file that lacks its closing marks only is as good as whole. */
  @ParameterizedTest
  @CsvSource({"png,5", "jpg,5", "bmp,5", "gif,13"})
  void refusesEveryTruncationThatCostsPixels(String format, int type) throws Exception {
    write("x." + format, noise(type));
    List<TensorSpec> inputs = input(3, SIDE, SIDE);
    ByteBuffer pixels = read(inputs).raw("image");
    Path file = directory.resolve("x." + format);
    byte[] whole = Files.readAllBytes(file);
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        assertThat(read(inputs).raw("image")).as("%d bytes", length).isEqualTo(pixels);
      } catch (MalformedException e) {
        assertThat(e).hasMessageContaining(file.getFileName().toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThanOrEqualTo(whole.length - 20);
  }

  @Test
  void refusesHostileSizesBeforeReadingPixels() throws Exception {
    write("x.png", grey(1));
    Path file = directory.resolve("x.png");
    byte[] png = Files.readAllBytes(file);
    ByteBuffer.wrap(png).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
    Files.write(file, png);
    refuses(GREY, "2147483647 × 2147483647 pixels (expected: 3 × 2");
    refuses(input(1, -1, -1), "are too many for one sample");
  }

  @Test
  void refusesDirectoriesThatHoldSomethingElse() throws Exception {
    refuses(GREY, "no images (expected: some, or a subdirectory of them for each class)");
    write("a/1.png", grey(1));
    write("2.png", grey(1));
    refuses(GREY, "images beside subdirectories");
    Files.delete(directory.resolve("2.png"));
    write("a/deeper/3.png", grey(1));
    refuses(GREY, "deeper: not an image (expected: .png, .jpg, .jpeg, .bmp or .gif)");
    Files.delete(directory.resolve("a/deeper/3.png"));
    Files.delete(directory.resolve("a/deeper"));
    Files.writeString(directory.resolve("a/notes.txt"), "x");
    refuses(GREY, "notes.txt: not an image");
    Files.move(directory.resolve("a/notes.txt"), directory.resolve("a/notes.png"));
    refuses(GREY, "notes.png: not an image (expected: PNG, JPEG, BMP or GIF)");
  }

  @Test
  void refusesModelsThatTakeNoImages() throws Exception {
    write("a/1.png", grey(1));
    refuses(input(2, 5, 7), "the model's input image has axes [2, 5, 7] (expected: 1 or 3");
    refuses(input(4, 5, 7), "has axes [4, 5, 7] (expected: 1 or 3 channels × height × width)");
    refuses(input(6), "has axes [6]");
    refuses(
        List.of(GREY.get(0), COLOUR.get(0)),
        "images are one input, the model has 2: [image, image]");
  }

  private SampleSet read(List<TensorSpec> inputs) throws IOException, MalformedException {
    return SampleSources.read(directory.toString(), inputs, Reading.quiet());
  }

  private void refuses(List<TensorSpec> inputs, String message) {
    assertThatThrownBy(() -> read(inputs))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  private static List<TensorSpec> input(long... dims) {
    List<Long> all = new ArrayList<>(List.of(-1L));
    Arrays.stream(dims).forEach(all::add);
    return List.of(new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, all));
  }

  private static BufferedImage noise(int type) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, type);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < SIDE * SIDE; i++) {
      image.setRGB(i % SIDE, i / SIDE, random.nextInt() | 0xff000000);
    }
    return image;
  }

  private static BufferedImage grey(int value) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      image.getRaster().setSample(i % WIDTH, i / WIDTH, 0, value);
    }
    return image;
  }

  private void write(String name, BufferedImage image) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    assertThat(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile()))
        .isTrue();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
