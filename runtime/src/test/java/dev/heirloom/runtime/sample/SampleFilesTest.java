package dev.heirloom.runtime.sample;

import static dev.heirloom.runtime.sample.SampleBytes.gzip;
import static dev.heirloom.runtime.sample.SampleBytes.idx;
import static dev.heirloom.runtime.sample.SampleBytes.npy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class SampleFilesTest {

  private static final List<TensorSpec> IMAGE =
      List.of(new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 1L, 2L, 3L)));
  private static final List<TensorSpec> TOKENS =
      List.of(new TensorSpec("tokens", ElementType.ELEMENT_TYPE_INT64, List.of(-1L, 3L)));

  @TempDir Path directory;

  @Test
  void readsIdxPlainAndGzippedAndAddsTheChannelAxis() throws Exception {
    byte[] images = idx(0x08, new int[] {2, 2, 3}, 12);
    byte[] labels = idx(0x08, new int[] {2}, 2);
    for (boolean gzip : new boolean[] {false, true}) {
      String spec = file("images", gzip ? gzip(images) : images) + "," + file("labels", labels);
      SampleSet samples = SampleFiles.read(spec, IMAGE);
      assertThat(samples.size()).isEqualTo(2);
      assertThat(samples.dims("image")).containsExactly(1, 2, 3);
      assertThat(samples.type("image")).isEqualTo(ElementType.ELEMENT_TYPE_UINT8);
      assertThat(samples.raw("image", 1).get(0)).isEqualTo((byte) 6);
      assertThat(samples.label(1, 0)).isEqualTo(1);
    }
  }

  @Test
  void refusesEveryTruncationOfIdx() throws Exception {
    byte[] images = idx(0x08, new int[] {2, 2, 3}, 12);
    String labels = file("labels", idx(0x08, new int[] {2}, 2));
    for (byte[] whole : List.of(images, gzip(images))) {
      for (int length = 0; length < whole.length; length++) {
        String spec = file("images", Arrays.copyOf(whole, length)) + "," + labels;
        refuses(spec, IMAGE, "images");
      }
    }
  }

  @Test
  void refusesIdxThatIsWrong() throws Exception {
    String labels = file("labels", idx(0x08, new int[] {2}, 2));
    refuses(file("a", idx(0x0d, new int[] {2, 2, 3}, 12)) + "," + labels, IMAGE, "type 0x0d");
    refuses(file("a", idx(0x08, new int[] {2, 2, 3}, 13)) + "," + labels, IMAGE, "goes on");
    refuses(file("a", idx(0x08, new int[] {-1, -1, -1}, 0)) + "," + labels, IMAGE, "promises");
    refuses(file("a", idx(0x08, new int[] {1 << 30}, 0)) + "," + labels, IMAGE, "promises");
    refuses(file("a", gzip(idx(0x08, new int[] {1 << 30}, 0))) + "," + labels, IMAGE, "promises");
    refuses(file("a", idx(0x08, new int[0], 0)) + "," + labels, IMAGE, "0 axes");
    refuses(file("a", new byte[] {9, 9, 9, 9}) + "," + labels, IMAGE, "not an IDX file");
    refuses(
        file("a", idx(0x08, new int[] {2, 3, 3}, 18)) + "," + labels,
        IMAGE,
        "a sample of image has axes [3, 3] (expected: [1, 2, 3]");
    refuses(file("a", idx(0x08, new int[] {3, 2, 3}, 18)) + "," + labels, IMAGE, "holds 3 samples");
    byte[] broken = gzip(idx(0x08, new int[] {2, 2, 3}, 12));
    broken[broken.length - 6] ^= 1;
    refuses(file("a", broken) + "," + labels, IMAGE, "damaged gzip");
  }

  @Test
  void readsSamplesWithoutLabels() throws Exception {
    String images = file("images", idx(0x08, new int[] {2, 2, 3}, 12));
    String tokens = npz(Map.of("tokens", npy("|u1", "(2, 3)", new byte[6])));
    for (SampleSet samples :
        List.of(SampleFiles.read(images, IMAGE), SampleFiles.read(tokens, TOKENS))) {
      assertThat(samples.size()).isEqualTo(2);
      assertThat(samples.labelled()).isFalse();
      assertThat(samples.targetsPerSample()).isZero();
    }
    assertThatThrownBy(() -> SampleFiles.readLabelled(images, IMAGE))
        .isInstanceOf(MalformedException.class)
        .hasMessage(images + ": has no labels");
  }

  @Test
  void refusesTargetsThatAreNoNumbers() throws Exception {
    byte[] targets = new byte[8];
    ByteBuffer.wrap(targets).order(ByteOrder.LITTLE_ENDIAN).putFloat(4, Float.NaN);
    npzRefuses(
        Map.of("tokens", npy("|u1", "(2, 3)", new byte[6]), "label", npy("<f4", "(2,)", targets)),
        "sample 1 of label holds NaN");
  }

  @Test
  void refusesAnInputThatIsNamedAsTheLabels() {
    List<TensorSpec> named =
        List.of(new TensorSpec("label", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 3L)));
    refuses("any.npz", named, "has the name of the labels");
  }

  @Test
  void refusesInputsThatSamplesCannotBeFor() throws Exception {
    List<TensorSpec> text =
        List.of(new TensorSpec("tokens", ElementType.ELEMENT_TYPE_STRING, List.of(-1L, 3L)));
    refuses(
        npz(Map.of("tokens", npy("|u1", "(2, 3)", new byte[6]))),
        text,
        "the model's input tokens is string (expected: float32, int32, int64 or uint8)");
  }

  @Test
  void refusesSpecificationThatIsNeither() {
    refuses("a,b,c", IMAGE, "data 'a,b,c' (expected: images.idx[.gz],labels.idx[.gz], ");
    refuses("a,", IMAGE, "expected: images.idx[.gz],labels.idx[.gz], ");
    assertThatThrownBy(() -> SampleFiles.read("nothing", IMAGE))
        .isInstanceOf(NoSuchFileException.class);
    refuses("a,b", List.of(IMAGE.get(0), TOKENS.get(0)), "the model has 2: [image, tokens]");
    assertThatThrownBy(() -> SampleFiles.read("none.npz", IMAGE))
        .isInstanceOf(NoSuchFileException.class);
    refuses(directory + "," + directory, IMAGE, "not a file");
  }

  @ParameterizedTest
  @CsvSource({"|u1,1,UINT8", "|i1,1,INT32", "<i2,2,INT32", "<i4,4,INT32", "<i8,8,INT64"})
  void readsIntegersOfEveryWidth(String descr, int width, String type) throws Exception {
    ByteBuffer values = ByteBuffer.allocate(6 * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      values.put(i * width, (byte) (i + 100));
    }
    String spec =
        npz(
            Map.of(
                "tokens", npy(descr, "(2, 3)", values.array()),
                "label", npy("|u1", "(2,)", new byte[] {4, 5})));
    SampleSet samples = SampleFiles.read(spec, TOKENS);
    assertThat(samples.type("tokens").name()).isEqualTo("ELEMENT_TYPE_" + type);
    assertThat(samples.column("tokens").integer(1, 2)).isEqualTo(105);
    assertThat(samples.label(1, 0)).isEqualTo(5);
  }

  @Test
  void readsFloatsAndLabelsPerPosition() throws Exception {
    ByteBuffer doubles = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
    doubles.asDoubleBuffer().put(7, 0.5);
    String spec =
        npz(
            Map.of(
                "image", npy("<f8", "(2, 2, 3)", doubles.array()),
                "label", npy("|i1", "(2, 3)", new byte[] {0, 1, 2, 3, 4, -5})));
    SampleSet samples = SampleFiles.read(spec, IMAGE);
    assertThat(samples.type("image")).isEqualTo(ElementType.ELEMENT_TYPE_FLOAT32);
    assertThat(samples.column("image").floating(1, 1)).isEqualTo(0.5f);
    assertThat(samples.labelsPerSample()).isEqualTo(3);
    assertThat(samples.label(1, 2)).isEqualTo(-5);
    assertThatThrownBy(() -> samples.checkLabels(10))
        .hasMessage("label of sample 1: -5 (expected: 0..9)");
  }

  @Test
  void takesFloatingPointLabelsAsTargets() throws Exception {
    ByteBuffer targets = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    targets.asDoubleBuffer().put(new double[] {0.5, 1.5, -2, 3});
    SampleSet samples =
        SampleFiles.read(
            npz(
                Map.of(
                    "tokens", npy("|u1", "(2, 3)", new byte[6]),
                    "label", npy("<f8", "(2, 2)", targets.array()))),
            TOKENS);
    assertThat(samples.labelled()).isFalse();
    assertThat(samples.labelsPerSample()).isZero();
    assertThat(samples.targetsPerSample()).isEqualTo(2);
    assertThat(samples.target(1, 0)).isEqualTo(-2f);
    assertThat(samples.select(new int[] {1, 0}).target(1, 1)).isEqualTo(1.5f);
    assertThatThrownBy(() -> samples.label(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> samples.target(0, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void givesIntegerLabelsAsTargetsToo() {
    SampleSet samples =
        SampleSet.of(2)
            .input("x", ElementType.ELEMENT_TYPE_UINT8, List.of(1L), ByteBuffer.allocate(2))
            .labels(1, 4, 7)
            .build();
    assertThat(samples.targetsPerSample()).isZero();
    assertThat(samples.target(1, 0)).isEqualTo(7f);
  }

  @Test
  void refusesArraysThatDoNotFit() throws Exception {
    byte[] tokens = npy("|u1", "(2, 3)", new byte[6]);
    byte[] label = npy("|u1", "(2,)", new byte[2]);
    npzRefuses(Map.of("token", tokens, "label", label), "no array tokens");
    npzRefuses(Map.of("tokens", tokens, "label", npy("|u1", "(2, 0)", new byte[0])), "axes [2, 0]");
    npzRefuses(Map.of("tokens", tokens, "label", npy("|u1", "()", new byte[1])), "no axes");
    npzRefuses(Map.of("tokens", tokens, "label", npy("|u1", "(3,)", new byte[3])), "2 samples");
    npzRefuses(
        Map.of("tokens", npy("|u1", "(2, 4)", new byte[8]), "label", label),
        "has axes [4] (expected: [3]");
    npzRefuses(
        Map.of("tokens", npy("<f4", "(2, 3)", new byte[24]), "label", label), "floating-point");
    npzRefuses(
        Map.of(
            "tokens", npy("|u1", "(0, 3)", new byte[0]), "label", npy("|u1", "(0,)", new byte[0])),
        "no samples");
  }

  @Test
  void refusesValuesThatTheInputCannotTake() throws Exception {
    List<TensorSpec> narrow =
        List.of(new TensorSpec("tokens", ElementType.ELEMENT_TYPE_INT32, List.of(-1L, 1L)));
    ByteBuffer wide = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
    String spec =
        npz(
            Map.of(
                "tokens", npy("<i8", "(1, 1)", wide.array()),
                "label", npy("|u1", "(1,)", new byte[1])));
    refuses(spec, narrow, "tokens holds 1099511627776");
  }

  @Test
  void refusesNumbersThatAreNone() throws Exception {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      ByteBuffer floats = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
      floats.putFloat(6 * Float.BYTES, value);
      String spec =
          npz(
              Map.of(
                  "image", npy("<f4", "(2, 2, 3)", floats.array()),
                  "label", npy("|u1", "(2,)", new byte[2])));
      refuses(spec, IMAGE, "sample 1 of image holds " + value + " (expected: finite numbers)");
    }
  }

  @Test
  void refusesHostileArrays() throws Exception {
    byte[] label = npy("|u1", "(2,)", new byte[2]);
    npzRefuses(Map.of("tokens", npy(">i4", "(2, 3)", new byte[24]), "label", label), "'>i4'");
    npzRefuses(Map.of("tokens", npy("|O", "(2, 3)", new byte[24]), "label", label), "'|O'");
    npzRefuses(
        Map.of("tokens", npy("<i8", "(99999999999, 99999999999)", new byte[8]), "label", label),
        "at most 2147483647 samples");
    npzRefuses(
        Map.of("tokens", npy("<i8", "(2, 99999, 99999)", new byte[8]), "label", label),
        "of at most 2147483647 bytes");
    npzRefuses(
        Map.of("tokens", npy("<i8", "(1000000, 3)", new byte[8]), "label", label),
        "8 bytes of values (expected: 24000000");
    npzRefuses(Map.of("tokens", npy("|u1", "(-2, 3)", new byte[6]), "label", label), "shape");
    npzRefuses(
        Map.of("tokens", npy("|u1", "(1,1,1,1,1,1,1,1,1)", new byte[1]), "label", label), "shape");
    npzRefuses(Map.of("tokens", new byte[] {1, 2, 3}, "label", label), "truncated");
    npzRefuses(Map.of("tokens", new byte[200], "label", label), "not a NumPy array");
    byte[] newer = npy("|u1", "(2, 3)", new byte[6]);
    newer[6] = 9;
    npzRefuses(Map.of("tokens", newer, "label", label), "NumPy format 9");
    byte[] fortran =
        new String(npy("|u1", "(2, 3)", new byte[6]), StandardCharsets.ISO_8859_1)
            .replace("False", "True ")
            .getBytes(StandardCharsets.ISO_8859_1);
    npzRefuses(Map.of("tokens", fortran, "label", label), "Fortran");
  }

  @Test
  void refusesEveryTruncationOfNpz() throws Exception {
    byte[] whole =
        Files.readAllBytes(
            Path.of(
                npz(
                    Map.of(
                        "tokens", npy("|u1", "(2, 3)", new byte[6]),
                        "label", npy("|u1", "(2,)", new byte[2])))));
    for (int length = 0; length < whole.length; length++) {
      refuses(file("part.npz", Arrays.copyOf(whole, length)), TOKENS, "part.npz");
    }
  }

  @Test
  void writesWhatItReads() throws Exception {
    ByteBuffer floats = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    floats.asFloatBuffer().put(5, 2.5f);
    SampleSet samples =
        SampleSet.of(2)
            .input("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(1L, 2L, 3L), floats)
            .labels(2, 1, 2, 3, 4)
            .build();
    Path file = directory.resolve("written.npz");
    SampleWriter.write(samples, file);
    SampleWriter.write(samples.select(new int[] {1, 0, 1}), file);
    SampleSet read = SampleFiles.read(file.toString(), IMAGE);
    assertThat(read.size()).isEqualTo(3);
    assertThat(read.raw("image", 1)).isEqualTo(samples.raw("image", 0));
    assertThat(read.label(2, 1)).isEqualTo(4);
    assertThat(read.head(1).label(0, 0)).isEqualTo(3);
    assertThat(read.head(99).size()).isEqualTo(3);
    try (var entries = Files.list(directory)) {
      assertThat(entries).containsExactly(file);
    }
  }

  private void npzRefuses(Map<String, byte[]> arrays, String message) throws IOException {
    refuses(npz(arrays), TOKENS, message);
  }

  private static void refuses(String spec, List<TensorSpec> inputs, String message) {
    assertThatThrownBy(() -> SampleFiles.read(spec, inputs))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  private String file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content).toString();
  }

  private String npz(Map<String, byte[]> arrays) throws IOException {
    return file("data.npz", SampleBytes.npz(arrays, true));
  }
}
