package dev.heirloom.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileFilesTest {
  private static final long SEED = 7;
  private static final int FILES = 3000;

  @TempDir private Path directory = Path.of("");

  private final HostileFiles files = new HostileFiles(SEED, List.of());

  @Test
  void aHostileTeacherIsAssembledOrRefusedInOneLine() throws Exception {
    Files.write(directory.resolve(SeedModels.WEIGHTS), new byte[64]);
    Path file = directory.resolve("teacher.onnx");
    int refused = 0;
    for (int number = 0; number < FILES; number++) {
      Files.write(file, files.file(number));
      try {
        TeacherTrial.of(file, false);
      } catch (MalformedException | IOException e) {
        assertThat(e.getMessage()).as("file %d of seed %d", number, SEED).hasLineCount(1);
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("file " + number + " of seed " + SEED, e);
      }
    }
    assertThat(refused).isBetween(FILES / 2, FILES - FILES / 20);
  }

  @Test
  void numberAndSeedMakeTheSameFileAgain() {
    HostileFiles again = new HostileFiles(SEED, List.of());
    HostileFiles others = new HostileFiles(SEED + 1, List.of());

    List<byte[]> first = Stream.iterate(0L, n -> n < 50, n -> n + 1).map(files::file).toList();
    List<byte[]> second = Stream.iterate(0L, n -> n < 50, n -> n + 1).map(again::file).toList();
    List<byte[]> third = Stream.iterate(0L, n -> n < 50, n -> n + 1).map(others::file).toList();

    assertThat(second).usingRecursiveComparison().isEqualTo(first);
    assertThat(third).usingRecursiveComparison().isNotEqualTo(first);
  }

  @Test
  void whatHostileFilesAreMadeFromIsSound() throws Exception {
    Files.write(directory.resolve(SeedModels.WEIGHTS), new byte[64]);
    Path file = directory.resolve("seed.onnx");
    int teachers = 0;
    for (ModelProto seed : SeedModels.all()) {
      OnnxModel model = OnnxModel.read(Files.write(file, seed.toByteArray()));
      try {
        Teacher.of(model);
        teachers++;
      } catch (MalformedException e) {
        assertThat(e.getMessage()).containsAnyOf("control flow", "quantised");
      }
    }
    assertThat(teachers).isEqualTo(SeedModels.all().size() - 2);
  }
}
