package dev.heirloom.runtime.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class CifarReaderTest {

  private static final List<TensorSpec> IMAGE =
      List.of(
          new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 3L, 32L, 32L)));
  private static final int PIXELS = 3072;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {0, 1 << 20})
  void readsFilesOneAfterTheOtherOnTheHeapOrMapped(long heapBytes) throws Exception {
    file("data_batch_2.bin", record(2, 20), record(3, 30));
    file("data_batch_1.bin", record(1, 10));
    file("test_batch.bin", record(9, 90));
    Reading reading = new Reading(heapBytes, 4000, directory, (done, total) -> {});
    for (String files : List.of(directory + "", directory + "/data_*.bin")) {
      SampleSet samples = SampleFiles.read("cifar10:" + files, IMAGE, reading);
      assertThat(samples.size()).isEqualTo(3);
      assertThat(samples.dims("image")).containsExactly(3, 32, 32);
      for (int i = 0; i < 3; i++) {
        assertThat(samples.label(i, 0)).isEqualTo(i + 1);
        assertThat(samples.raw("image", i).get(0)).isEqualTo((byte) (10 * (i + 1)));
        assertThat(samples.raw("image", i).get(PIXELS - 1)).isEqualTo((byte) (i + 1));
      }
      assertThat(samples.raw("image").remaining()).isEqualTo(3 * PIXELS);
    }
    SampleSet named =
        SampleFiles.read(
            "cifar10:" + directory + "/test_batch.bin," + directory + "/data_batch_1.bin",
            IMAGE,
            reading);
    assertThat(named.label(0, 0)).isEqualTo(9);
    assertThat(named.label(1, 0)).isEqualTo(1);
  }

  @Test
  void takesTheFineLabelOfCifar100() throws Exception {
    byte[] one = new byte[2 + PIXELS];
    one[0] = 19;
    one[1] = 99;
    one[2] = 7;
    file("train.bin", one);
    SampleSet samples = SampleFiles.read("cifar100:" + directory, IMAGE);
    assertThat(samples.label(0, 0)).isEqualTo(99);
    assertThat(samples.raw("image", 0).get(0)).isEqualTo((byte) 7);
  }

  @Test
  void refusesFilesThatAreTruncatedEmptyOrOfTheOtherSet() throws Exception {
    byte[] whole = record(1, 10);
    for (int length : new int[] {0, 1, PIXELS, PIXELS + 2}) {
      String file = file("data_batch_1.bin", Arrays.copyOf(whole, length));
      refuses("cifar10:" + file, length + " bytes (expected: records of 3073, 1 or more");
    }
    refuses("cifar10:" + file("a.bin", record(10, 1)), "label of record 0: 10 (expected: 0..9");
    refuses("cifar100:" + file("a.bin", whole), "records of 3074");
  }

  @Test
  void refusesNamesOfNoFile() throws Exception {
    refuses("cifar10:" + directory, "no file data_batch_*.bin");
    refuses("cifar100:" + directory, "no file train.bin");
    refuses("cifar10:" + directory + "/x*.bin", "no file x*.bin");
    refuses("cifar10:", "names no file");
    refuses("cifar10:a.bin,", "a.bin");
    assertThatThrownBy(() -> SampleFiles.read("cifar10:" + directory + "/none.bin", IMAGE))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesModelsThatTakeSomethingElse() throws Exception {
    String file = file("data_batch_1.bin", record(1, 10));
    TensorSpec grey =
        new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 1L, 28L, 28L));
    assertThatThrownBy(() -> SampleFiles.read("cifar10:" + file, List.of(grey)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("axes [3, 32, 32] (expected: [1, 28, 28]");
    assertThatThrownBy(() -> SampleFiles.read("cifar10:" + file, List.of(grey, grey)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("CIFAR files hold one input, the model has 2");
  }

  private static void refuses(String spec, String message) {
    assertThatThrownBy(() -> SampleFiles.read(spec, IMAGE))
        .isInstanceOfAny(MalformedException.class, NoSuchFileException.class)
        .hasMessageContaining(message);
  }

  /** The first pixel is {@code value}, the last the label. */
  private static byte[] record(int label, int value) {
    byte[] record = new byte[1 + PIXELS];
    record[0] = (byte) label;
    record[1] = (byte) value;
    record[PIXELS] = (byte) label;
    return record;
  }

  private String file(String name, byte[]... records) throws IOException {
    Path file = directory.resolve(name);
    Files.write(file, new byte[0]);
    for (byte[] record : records) {
      Files.write(file, record, java.nio.file.StandardOpenOption.APPEND);
    }
    return file.toString();
  }
}
