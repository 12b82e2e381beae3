package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class DirectoryBlobStoreTest extends BlobStoreContract {

  @TempDir Path directory;

  @Override
  DirectoryBlobStore store() {
    return new DirectoryBlobStore(directory.resolve("blobs"));
  }

  @Test
  void namesFilesByDigest() throws Exception {
    String hex = store().put(CONTENT).hex();
    Path file = directory.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex);
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(partialFiles()).isEmpty();
  }

  @Test
  void refusesBlobWhoseContentWasChanged() throws Exception {
    DirectoryBlobStore store = store();
    String hex = store.put(CONTENT).hex();
    Path file = directory.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex);
    byte[] changed = CONTENT.clone();
    changed[3] ^= 1;
    Files.write(file, changed);
    assertThatThrownBy(() -> store.read(BlobStore.blob(CONTENT)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(hex + " is damaged");
  }

  @Test
  void resumesPartialBlobAfterRestart() throws Exception {
    Blob blob = BlobStore.blob(CONTENT);
    try (PartialBlob first = store().partial(blob)) {
      first.append(0, ByteString.copyFrom(CONTENT, 0, 5));
    }
    DirectoryBlobStore restarted = store();
    try (PartialBlob second = restarted.partial(blob)) {
      assertThat(second.offset()).isEqualTo(5);
      assertThat(second.isComplete()).isFalse();
      assertThatThrownBy(second::commit).hasMessageContaining("5 bytes arrived (expected: 16)");
      second.append(5, ByteString.copyFrom(CONTENT, 5, CONTENT.length - 5));
      assertThat(restarted.has(Digest.of(blob))).isFalse();
      second.commit();
    }
    assertThat(restarted.read(blob)).isEqualTo(CONTENT);
    assertThat(partialFiles()).isEmpty();
  }

  @Test
  void refusesPiecesOutOfOrderOrPastTheEnd() throws Exception {
    try (PartialBlob partial = store().partial(BlobStore.blob(CONTENT))) {
      partial.append(0, ByteString.copyFrom(CONTENT, 0, 4));
      for (long offset : new long[] {0, 3, 5, -1, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> partial.append(offset, ByteString.copyFromUtf8("x")))
            .isInstanceOf(MalformedException.class)
            .hasMessageContaining("(expected: 4)");
      }
      assertThatThrownBy(() -> partial.append(4, ByteString.copyFrom(new byte[13])))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("past its size");
      assertThat(partial.offset()).isEqualTo(4);
    }
  }

  @Test
  void discardsPartialBlobWhoseDigestDiffers() throws Exception {
    Blob blob = BlobStore.blob(CONTENT);
    DirectoryBlobStore store = store();
    try (PartialBlob partial = store.partial(blob)) {
      partial.append(0, ByteString.copyFrom(new byte[CONTENT.length]));
      assertThatThrownBy(partial::commit)
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("damaged");
    }
    assertThat(store.has(Digest.of(blob))).isFalse();
    try (PartialBlob again = store.partial(blob)) {
      assertThat(again.offset()).isZero();
    }
  }

  @Test
  void refusesPartialBlobThatIsTooLarge() {
    Blob blob =
        BlobStore.blob(CONTENT).toBuilder().setSizeBytes(BlobStore.MAX_BLOB_BYTES + 1).build();
    assertThatThrownBy(() -> store().partial(blob)).isInstanceOf(MalformedException.class);
  }

  private List<Path> partialFiles() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("blobs").resolve("partial"))) {
      return files.toList();
    }
  }
}
