package dev.heirloom.runtime.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class CsvReaderTest {

  private static final TensorSpec TWO =
      new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 2L));
  private static final TensorSpec FREE =
      new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, -1L));

  @TempDir private Path directory;

  @Test
  void takesTheLastOfOneColumnTooManyAsTheLabel() throws Exception {
    SampleSet samples = read("1,2.5,0\n-3,4e-1,1\n", TWO);
    assertThat(samples.size()).isEqualTo(2);
    assertThat(samples.dims("x")).containsExactly(2);
    assertThat(samples.column("x").floating(1, 1)).isEqualTo(0.4f);
    assertThat(samples.labelsPerSample()).isEqualTo(1);
    assertThat(samples.label(1, 0)).isEqualTo(1);
  }

  @Test
  void takesTheColumnThatTheHeaderNames() throws Exception {
    SampleSet samples = read("\ufeffa,\"Label\",b\r\n1,7,2\r\n\r\n3,8,4", TWO);
    assertThat(samples.size()).isEqualTo(2);
    assertThat(samples.label(0, 0)).isEqualTo(7);
    assertThat(samples.column("x").floating(1, 0)).isEqualTo(3);
    assertThat(samples.column("x").floating(1, 1)).isEqualTo(4);
  }

  @Test
  void takesHeadersWithNumbersInThem() throws Exception {
    assertThat(read("label,0,1\n3,1,2\n", TWO).label(0, 0)).isEqualTo(3);
  }

  @Test
  void takesDecimalLabelsAsTargets() throws Exception {
    SampleSet samples = read("a,b,label_x,label_y\n1,2,3,4\n5,6,7.5,8\n", TWO);
    assertThat(samples.labelled()).isFalse();
    assertThat(samples.targetsPerSample()).isEqualTo(2);
    assertThat(samples.target(0, 1)).isEqualTo(4);
    assertThat(samples.target(1, 0)).isEqualTo(7.5f);
  }

  @Test
  void takesAllColumnsAsFeaturesIfTheModelDoes() throws Exception {
    SampleSet samples = read("1,2\n3,4\n", TWO);
    assertThat(samples.labelled()).isFalse();
    assertThat(samples.column("x").floating(1, 1)).isEqualTo(4);
  }

  @Test
  void shapesFeaturesAsTheModelTakesThem() throws Exception {
    TensorSpec image =
        new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 1L, 2L, 3L));
    SampleSet samples = read("0,1,2,3,4,5,9\n", image);
    assertThat(samples.dims("x")).containsExactly(1, 2, 3);
    assertThat(samples.label(0, 0)).isEqualTo(9);
    SampleSet free = read("0,1,2,9\n", FREE);
    assertThat(free.dims("x")).containsExactly(3);
  }

  @Test
  void readsQuotedFieldsAndGzip() throws Exception {
    String text = "\"a \"\"quoted\"\", name\",\"b\nover two lines\",label\n\"1\" ,\"2\",\"3\"\n";
    assertThat(read(text, TWO).label(0, 0)).isEqualTo(3);
    Path file = directory.resolve("data.csv.gz");
    byte[] packed = SampleBytes.gzip(text.getBytes(StandardCharsets.UTF_8));
    Files.write(file, packed);
    assertThat(SampleFiles.read(file.toString(), List.of(TWO)).label(0, 0)).isEqualTo(3);
    for (int length = 0; length < packed.length; length++) {
      Files.write(file, Arrays.copyOf(packed, length));
      assertThatThrownBy(() -> SampleFiles.read(file.toString(), List.of(TWO)))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("data.csv.gz");
    }
  }

  @Test
  void spillsManyLinesIntoAFile() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append(i).append(',').append(2 * i).append(',').append(i % 7).append('\n');
    }
    Path file = Files.writeString(directory.resolve("data.csv"), text);
    Reading reading = new Reading(100, 64, directory, (done, total) -> {});
    SampleSet samples = SampleFiles.read(file.toString(), List.of(TWO), reading);
    assertThat(samples.size()).isEqualTo(3000);
    for (int i = 0; i < 3000; i++) {
      assertThat(samples.column("x").floating(i, 1)).isEqualTo(2 * i);
      assertThat(samples.label(i, 0)).isEqualTo(i % 7);
    }
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void namesTheLineThatIsWrong() {
    refuses("1,2,0\n3,4\n", TWO, "line 2: 2 columns (expected: 3)");
    refuses("1,2,0\n3,4,1,5\n", TWO, "line 2: 4 columns (expected: 3)");
    refuses("1,2,0\n\n\"3\n\",4,1\n5,x,1\n", TWO, "line 5: column 2: 'x' (expected: a number)");
    refuses("1,2,0\n3,NaN,1\n", TWO, "line 2: column 2: NaN (expected: finite numbers)");
    refuses("nan,2,0\n", TWO, "line 1: column 1: 'nan' (expected: a number)");
    refuses("1,2,0\n3,1e99,1\n", TWO, "line 2: column 2: 1e99 (expected: finite numbers)");
    refuses("1,2,0\n3,,1\n", TWO, "line 2: column 2: '' (expected: a number)");
    refuses("1,2,0\n3,4,\n", TWO, "line 2: column 3: '' (expected: a number)");
    refuses("1,2,0\n3,4,cat\n", TWO, "line 2: column 3: 'cat' (expected: a number)");
    refuses("1,2,0\n3,\"4,1\n", TWO, "line 2: a quote is not closed");
    refuses("1,2,0\n3,\"4\"5,1\n", TWO, "line 2: text after a closing quote");
  }

  @Test
  void refusesWhatIsNoTableForTheModel() {
    refuses("", TWO, "no samples");
    refuses("\n\n", TWO, "no samples");
    refuses("a,b,label\n", TWO, "no samples");
    refuses("1,2,3,4\n", TWO, "4 columns without the label's (expected: 2 features)");
    refuses("1;2;0\n", TWO, "1 columns without the label's (expected: 2 features)");
    refuses("label\n1\n", FREE, "0 columns without the label's (expected: 1 or more features)");
    TensorSpec open = new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, -1L, 2L));
    refuses("1,2,0\n", open, "a line cannot hold an input of axes [-1, 2]");
    TensorSpec tokens = new TensorSpec("x", ElementType.ELEMENT_TYPE_INT64, List.of(-1L, 2L));
    refuses("1,2,0\n", tokens, "a .csv is for a floating-point input");
  }

  @Test
  void refusesHostileText() throws Exception {
    refuses("1".repeat(70_000) + ",2,0\n", TWO, "a field of more than 65536 characters");
    Path file = directory.resolve("data.csv");
    Files.write(file, new byte[] {'1', ',', (byte) 0xff, (byte) 0xfe, ',', '0', '\n'});
    assertThatThrownBy(() -> SampleFiles.read(file.toString(), List.of(TWO)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("not UTF-8 text");
  }

  private SampleSet read(String text, TensorSpec input) throws IOException, MalformedException {
    Path file = Files.writeString(directory.resolve("data.csv"), text);
    return SampleFiles.read(file.toString(), List.of(input));
  }

  private void refuses(String text, TensorSpec input, String message) {
    assertThatThrownBy(() -> read(text, input))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }
}
