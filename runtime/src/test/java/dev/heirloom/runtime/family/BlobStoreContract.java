package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

/** What every store of blobs must do. */
abstract class BlobStoreContract {

  static final byte[] CONTENT = "one fine content".getBytes(StandardCharsets.UTF_8);

  abstract BlobStore store();

  @Test
  void givesBackWhatWasPut() throws Exception {
    BlobStore store = store();
    Digest digest = store.put(CONTENT);
    assertThat(digest).isEqualTo(Digest.of(CONTENT));
    assertThat(store.put(CONTENT)).isEqualTo(digest);
    assertThat(store.has(digest)).isTrue();
    assertThat(store.size(digest)).isEqualTo(CONTENT.length);
    assertThat(store.read(BlobStore.blob(CONTENT))).isEqualTo(CONTENT);
  }

  @Test
  void readsFromAnyByte() throws Exception {
    BlobStore store = store();
    try (SeekableByteChannel channel = store.open(store.put(CONTENT))) {
      ByteBuffer rest = ByteBuffer.allocate(100);
      assertThat(channel.size()).isEqualTo(CONTENT.length);
      channel.position(9);
      assertThat(channel.read(rest)).isEqualTo(7);
      assertThat(new String(rest.array(), 0, 7, StandardCharsets.UTF_8)).isEqualTo("content");
      assertThat(channel.read(rest)).isEqualTo(-1);
    }
  }

  @Test
  void saysWhichBlobIsMissing() throws Exception {
    BlobStore store = store();
    Blob blob = BlobStore.blob(CONTENT);
    String hex = Digest.of(blob).hex();
    assertThat(store.has(Digest.of(blob))).isFalse();
    assertThatThrownBy(() -> store.read(blob))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(hex);
    assertThatThrownBy(() -> store.open(Digest.of(blob))).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.size(Digest.of(blob))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesBlobWhoseSizeDiffers() throws Exception {
    BlobStore store = store();
    store.put(CONTENT);
    Blob blob = BlobStore.blob(CONTENT);
    for (long size : new long[] {0, CONTENT.length - 1, 1L << 40, -1}) {
      assertThatThrownBy(() -> store.read(blob.toBuilder().setSizeBytes(size).build()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("expected");
    }
  }
}
