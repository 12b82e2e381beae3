package dev.heirloom.runtime.family;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/** Immutable contents, named by their SHA-256. Safe for use by several threads. */
public interface BlobStore {

  /** No blob is larger than this. */
  long MAX_BLOB_BYTES = 1L << 30;

  /** Whether the store holds the content whole. */
  boolean has(Digest digest);

  /**
   * Bytes of a content.
   *
   * @throws java.nio.file.NoSuchFileException if the store does not hold it
   */
  long size(Digest digest) throws IOException;

  /**
   * Opens a content for reading; the caller closes the channel.
   *
   * @throws java.nio.file.NoSuchFileException if the store does not hold it
   */
  SeekableByteChannel open(Digest digest) throws IOException;

  /** Stores a content durably before it returns; storing it again changes nothing. */
  Digest put(byte[] content) throws IOException;

  /**
   * Reads a content whole, its size checked before anything is allocated, then its digest.
   *
   * @throws java.nio.file.NoSuchFileException if the store does not hold it
   * @throws MalformedException if what it holds is not what {@code blob} names
   */
  default byte[] read(Blob blob) throws IOException, MalformedException {
    return Blobs.read(this, blob);
  }

  /** The message that names {@code content}. */
  static Blob blob(byte[] content) {
    return Blob.newBuilder()
        .setSha256(Digest.of(content).bytes())
        .setSizeBytes(content.length)
        .build();
  }

  /** The message that names {@code content}. */
  static Blob blob(ByteString content) {
    return blob(content.toByteArray());
  }
}
