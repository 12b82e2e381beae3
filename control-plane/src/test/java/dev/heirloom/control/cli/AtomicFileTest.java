package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = Files.writeString(directory.resolve("heir.onnx"), "old");

    AtomicFile.write(file, new byte[] {1, 2, 3});

    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(directory).isDirectoryContaining(file::equals);
    assertThat(directory.toFile().list()).containsExactly("heir.onnx");
  }

  @Test
  void refusesAMissingDirectory() {
    assertThatThrownBy(() -> AtomicFile.write(directory.resolve("none/heir.onnx"), new byte[1]))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesADirectoryAndLeavesItAlone() throws IOException {
    Path there = Files.createDirectory(directory.resolve("there"));

    assertThatThrownBy(() -> AtomicFile.write(there, new byte[1])).isInstanceOf(IOException.class);

    assertThat(there).isEmptyDirectory();
    assertThat(directory.toFile().list()).containsExactly("there");
  }
}
