package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.TinyFamily;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class FamilyTest {

  @TempDir Path parent;
  private TinyFamily tiny;
  private Path directory;

  @BeforeEach
  void makeFamily() throws Exception {
    tiny = TinyFamily.linear();
    directory = parent.resolve("family");
  }

  @Test
  void opensWhatWasWritten() throws Exception {
    Family written = Family.write(directory, tiny.manifest(), tiny.blobs());
    Family opened = Family.open(directory);
    assertThat(opened.manifest()).isEqualTo(tiny.manifest());
    assertThat(opened.digest()).isEqualTo(written.digest());
    assertThat(opened.ladder().size()).isEqualTo(3);
    assertThat(opened.blobs().has(Digest.of(tiny.manifest().getSkeleton()))).isTrue();
    assertThat(directory.resolve("manifest.sha256"))
        .hasContent(opened.digest().hex() + "  manifest\n");
    assertThat(siblings()).containsExactly(directory);
    try (Stream<Path> entries = Files.list(directory.resolve("blobs"))) {
      assertThat(entries).allMatch(entry -> entry.getFileName().toString().length() == 2);
    }
  }

  @Test
  void findsAndNamesEveryFlippedByte() throws Exception {
    Family.write(directory, tiny.manifest(), tiny.blobs());
    List<Path> files;
    try (Stream<Path> walk = Files.walk(directory)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    assertThat(files).hasSize(10);
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      for (int at : new int[] {0, content.length / 2, content.length - 1}) {
        byte[] flipped = content.clone();
        flipped[at] ^= 0x10;
        Files.write(file, flipped);
        assertThatThrownBy(() -> Family.open(directory))
            .as("byte %d of %s", at, file)
            .isInstanceOf(MalformedException.class)
            .hasMessageContaining(directory.toString())
            .hasMessageContaining(file.getFileName().toString());
      }
      Files.write(file, content);
    }
    assertThat(Family.open(directory).ladder().size()).isEqualTo(3);
  }

  @Test
  void findsTruncatedAndMissingBlobs() throws Exception {
    Family.write(directory, tiny.manifest(), tiny.blobs());
    String hex = Digest.of(tiny.manifest().getSkeleton()).hex();
    Path blob = directory.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex);
    Files.write(blob, new byte[7]);
    assertThatThrownBy(() -> Family.open(directory)).hasMessageContaining(hex);
    Files.delete(blob);
    assertThatThrownBy(() -> Family.open(directory))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(hex);
  }

  @Test
  void replacesAnEarlierFamily() throws Exception {
    Family.write(directory, tiny.manifest(), tiny.blobs());
    Manifest renamed = tiny.change().setName("second").build();
    Family.write(directory, renamed, tiny.blobs());
    assertThat(Family.open(directory).manifest().getName()).isEqualTo("second");
    assertThat(siblings()).containsExactly(directory);
  }

  @Test
  void leavesADirectoryThatIsNoFamilyAlone() throws Exception {
    Files.createDirectory(directory);
    Files.writeString(directory.resolve("thesis.txt"), "mine");
    assertThatThrownBy(() -> Family.write(directory, tiny.manifest(), tiny.blobs()))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("not a family");
    assertThat(directory.resolve("thesis.txt")).hasContent("mine");
    assertThatThrownBy(() -> Family.open(directory)).hasMessageContaining("not a family");
  }

  @Test
  void failureKeepsTheEarlierFamilyAndLeavesNothingElse() throws Exception {
    Family.write(directory, tiny.manifest(), tiny.blobs());
    assertThatThrownBy(() -> Family.write(directory, tiny.manifest(), new MemoryBlobStore()))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(Family.open(directory).manifest()).isEqualTo(tiny.manifest());
    assertThat(siblings()).containsExactly(directory);
  }

  @Test
  void recoversFromPowerLossBetweenTheRenames() throws Exception {
    Family.write(directory, tiny.manifest(), tiny.blobs());
    Files.move(directory, parent.resolve(".family.previous"));
    assertThat(Family.open(directory).manifest()).isEqualTo(tiny.manifest());
  }

  @Test
  void saysThatNothingIsThere() {
    assertThatThrownBy(() -> Family.open(directory)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void digestsReadTheirOwnHex() {
    Digest digest = Digest.of("abc".getBytes(StandardCharsets.US_ASCII));
    assertThat(digest.hex()).startsWith("ba7816bf8f01cfea");
    assertThat(Digest.parse(digest.hex())).isEqualTo(digest);
    assertThat(Digest.wrap(digest.bytes())).isEqualByComparingTo(digest);
    assertThatThrownBy(() -> Digest.parse("ba78")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Digest.parse("zz".repeat(32)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<Path> siblings() throws Exception {
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.toList();
    }
  }
}
