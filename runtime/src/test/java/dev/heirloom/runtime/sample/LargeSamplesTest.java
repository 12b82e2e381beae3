package dev.heirloom.runtime.sample;

import static dev.heirloom.runtime.sample.SampleBytes.npy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples that lie in mapped files. */
@NullUnmarked
class LargeSamplesTest {

  private static final int COUNT = 500;
  private static final List<TensorSpec> INPUTS =
      List.of(
          new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 1L, 3L)),
          new TensorSpec("tokens", ElementType.ELEMENT_TYPE_INT64, List.of(-1L, 2L)));

  @TempDir private Path directory;

  @Test
  void mapsStoredArraysAndUnpacksOthers() throws Exception {
    for (boolean compressed : new boolean[] {false, true}) {
      for (String descr : List.of("<f4", "<f8")) {
        SampleSet samples = SampleFiles.read(npz(descr, compressed), INPUTS, mapped());
        assertThat(samples.size()).isEqualTo(COUNT);
        for (int i = 0; i < COUNT; i++) {
          assertThat(samples.column("image").floating(i, 2)).isEqualTo(i + 0.5f);
          assertThat(samples.column("tokens").integer(i, 1)).isEqualTo(-i);
          assertThat(samples.label(i, 0)).isEqualTo(i % 10);
        }
        assertThat(samples.raw("tokens").getLong((2 * 77 + 1) * Long.BYTES)).isEqualTo(-77);
      }
    }
  }

  @Test
  void selectsWithoutCopying() throws Exception {
    SampleSet all = SampleFiles.read(npz("<f4", false), INPUTS, mapped());
    SampleSet some = all.select(new int[] {9, 400, 9}).select(new int[] {2, 1});
    assertThat(some.size()).isEqualTo(2);
    assertThat(some.column("image")).isSameAs(all.column("image"));
    assertThat(some.label(0, 0)).isEqualTo(9);
    assertThat(some.raw("image", 1)).isEqualTo(all.raw("image", 400));
    assertThat(some.raw("image").getFloat(3 * Float.BYTES + 2 * Float.BYTES)).isEqualTo(400.5f);
    assertThat(all.head(3).label(2, 0)).isEqualTo(2);
    assertThat(all.head(COUNT + 1)).isSameAs(all);
    assertThatThrownBy(() -> some.label(2, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> all.select(new int[] {COUNT}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mapsPlainIdxFiles() throws Exception {
    Path file =
        Files.write(
            directory.resolve("x.idx"), SampleBytes.idx(0x08, new int[] {COUNT, 3}, 3 * COUNT));
    List<TensorSpec> input =
        List.of(new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 3L)));
    SampleSet samples = SampleFiles.read(file.toString(), input, mapped());
    for (int i = 0; i < COUNT; i++) {
      assertThat(samples.raw("x", i).get(1)).isEqualTo((byte) (3 * i + 1));
    }
  }

  @Test
  void refusesTruncatedFilesThatWouldBeMapped() throws Exception {
    byte[] whole = Files.readAllBytes(Path.of(npz("<f4", false)));
    Path file = directory.resolve("part.npz");
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SampleFiles.read(file.toString(), INPUTS, mapped()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("part.npz");
    }
  }

  @Test
  void leavesNoFilesBehind() throws Exception {
    String file = npz("<f8", true);
    SampleFiles.read(file, INPUTS, mapped());
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(Path.of(file));
    }
  }

  @Test
  void tellsHowReadingGoesOnAndCanBeEnded() throws Exception {
    String file = npz("<f8", true);
    List<Long> heard = new ArrayList<>();
    Reading reading =
        new Reading(
            1 << 20,
            1 << 20,
            directory,
            (done, total) -> {
              assertThat(done).isLessThanOrEqualTo(total);
              heard.add(done);
            });
    SampleFiles.read(file, INPUTS, reading);
    assertThat(heard).isNotEmpty().allMatch(done -> done > 0);
    Reading ended =
        new Reading(
            1 << 20,
            1 << 20,
            directory,
            (done, total) -> {
              throw new CancellationException();
            });
    assertThatThrownBy(() -> SampleFiles.read(file, INPUTS, ended))
        .isInstanceOf(CancellationException.class);
  }

  /** A program with little memory reads 3 GiB of images at random. */
  @Test
  void readsMoreThanTheHeapHolds() throws Exception {
    int rows = 3 << 10;
    int side = 1 << 10;
    Path images = directory.resolve("images.idx");
    try (RandomAccessFile file = new RandomAccessFile(images.toFile(), "rw")) {
      file.write(new byte[] {0, 0, 8, 3});
      file.writeInt(rows);
      file.writeInt(side);
      file.writeInt(side);
      file.setLength(16 + (long) rows * side * side);
      for (int row : new int[] {0, 2047, 2048, rows - 1}) {
        file.seek(16 + (long) row * side * side + 5);
        file.write(row % 251);
      }
    }
    Path labels =
        Files.write(directory.resolve("labels.idx"), SampleBytes.idx(8, new int[] {rows}, rows));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:MaxDirectMemorySize=48m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                images + "," + labels)
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said.strip())
        .isEqualTo("3072 samples: 0 of 0, 39 of 255, 40 of 0, 59 of 255, batch of 3145728");
  }

  /** The program with little memory. */
  static final class Reader {

    private Reader() {}

    public static void main(String[] arguments) throws Exception {
      List<TensorSpec> input =
          List.of(
              new TensorSpec(
                  "x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 1L, 1024L, 1024L)));
      SampleSet samples = SampleFiles.read(arguments[0], input);
      StringBuilder said = new StringBuilder(samples.size() + " samples:");
      for (int row : new int[] {0, 2047, 2048, samples.size() - 1}) {
        said.append(' ').append(samples.raw("x", row).get(5) & 0xff);
        said.append(" of ").append(samples.label(row, 0)).append(',');
      }
      SampleSet shuffled = samples.select(new int[] {3071, 1, 2048});
      Preprocessor preprocessor =
          new Preprocessor(Preprocessor.of(shuffled, input, Map.of()), input);
      int elements = preprocessor.batch(shuffled, new int[] {0, 1, 2}).get("x").elements();
      System.out.println(said + " batch of " + elements);
    }
  }

  /** Everything mapped, in pieces of a few samples. */
  private Reading mapped() {
    return new Reading(0, 100, directory, (done, total) -> {});
  }

  /** Samples i: image (…, …, i + 0.5), tokens (…, −i), label i mod 10. */
  private String npz(String descr, boolean compressed) throws Exception {
    boolean wide = descr.equals("<f8");
    ByteBuffer images =
        ByteBuffer.allocate(COUNT * 3 * (wide ? 8 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer tokens = ByteBuffer.allocate(COUNT * 2 * 8).order(ByteOrder.LITTLE_ENDIAN);
    byte[] labels = new byte[COUNT];
    for (int i = 0; i < COUNT; i++) {
      for (float value : new float[] {1, 2, i + 0.5f}) {
        if (wide) {
          images.putDouble(value);
        } else {
          images.putFloat(value);
        }
      }
      tokens.putLong(i).putLong(-i);
      labels[i] = (byte) (i % 10);
    }
    Map<String, byte[]> arrays = new LinkedHashMap<>();
    arrays.put("image", npy(descr, "(%d, 1, 3)".formatted(COUNT), images.array()));
    arrays.put("tokens", npy("<i8", "(%d, 2)".formatted(COUNT), tokens.array()));
    arrays.put("label", npy("|u1", "(%d,)".formatted(COUNT), labels));
    Path file = directory.resolve("data.npz");
    return Files.write(file, SampleBytes.npz(arrays, compressed)).toString();
  }
}
