package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;

/** Checked reading of blobs. */
final class Blobs {

  private static final int STEP_BYTES = 1 << 16;

  private Blobs() {}

  static byte[] read(BlobStore store, Blob blob) throws IOException, MalformedException {
    Digest digest = Digest.of(blob);
    checkSize(store, blob);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(blob.getSizeBytes()));
    try (ReadableByteChannel channel = store.open(digest)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException("blob " + digest + " ended early");
        }
      }
    }
    checkDigest(digest, Digest.of(bytes.array()));
    return bytes.array();
  }

  /** Checks size and digest without holding the content. */
  static void verify(BlobStore store, Blob blob) throws IOException, MalformedException {
    checkSize(store, blob);
    Digest digest = Digest.of(blob);
    try (ReadableByteChannel channel = store.open(digest)) {
      checkDigest(digest, digest(channel));
    }
  }

  static Digest digest(ReadableByteChannel channel) throws IOException {
    MessageDigest sha256 = Digest.start();
    ByteBuffer step = ByteBuffer.allocate(STEP_BYTES);
    while (channel.read(step) >= 0) {
      sha256.update(step.flip());
      step.clear();
    }
    return Digest.finish(sha256);
  }

  static void checkDigest(Digest expected, Digest actual) throws MalformedException {
    if (!actual.equals(expected)) {
      throw new MalformedException("blob " + expected + " is damaged: its content is " + actual);
    }
  }

  private static void checkSize(BlobStore store, Blob blob) throws IOException, MalformedException {
    Digest digest = Digest.of(blob);
    long named = blob.getSizeBytes();
    if (named < 0 || named > BlobStore.MAX_BLOB_BYTES) {
      throw new MalformedException(
          "blob %s: %s bytes (expected: at most %d)"
              .formatted(digest, Long.toUnsignedString(named), BlobStore.MAX_BLOB_BYTES));
    }
    long held = store.size(digest);
    if (held != named) {
      throw new MalformedException(
          "blob %s is damaged: %d bytes (expected: %d)".formatted(digest, held, named));
    }
  }
}
