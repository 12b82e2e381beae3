package dev.heirloom.runtime.family;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/** A blob that arrives in pieces; it continues where it stopped, also after a restart. */
public final class PartialBlob implements AutoCloseable {

  private final DirectoryBlobStore store;
  private final Digest digest;
  private final long sizeBytes;
  private final Path file;
  private final FileChannel channel;
  private long offsetBytes;

  /** Of what has been appended since; only where that is the whole content. */
  private final Optional<MessageDigest> running;

  PartialBlob(DirectoryBlobStore store, Digest digest, long sizeBytes, Path file)
      throws IOException {
    this.store = store;
    this.digest = digest;
    this.sizeBytes = sizeBytes;
    this.file = file;
    this.channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    this.offsetBytes = begin(channel, sizeBytes);
    this.running = offsetBytes == 0 ? Optional.of(Digest.start()) : Optional.empty();
  }

  private static long begin(FileChannel channel, long sizeBytes) throws IOException {
    try {
      if (channel.size() > sizeBytes) {
        channel.truncate(0);
      }
      return channel.size();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes that have arrived: where the next piece starts. */
  public long offset() {
    return offsetBytes;
  }

  /** Whether every byte has arrived; whether they are the right ones, {@link #commit} finds. */
  public boolean isComplete() {
    return offsetBytes == sizeBytes;
  }

  /**
   * Adds the next piece.
   *
   * @param offset where the piece starts, in bytes: {@link #offset()}
   * @throws MalformedException if the piece starts elsewhere or goes past the blob's end; nothing
   *     is changed then
   */
  public void append(long offset, ByteString piece) throws IOException, MalformedException {
    if (offset != offsetBytes) {
      throw new MalformedException(
          "blob %s: piece at byte %d (expected: %d)".formatted(digest, offset, offsetBytes));
    }
    if (piece.size() > sizeBytes - offset) {
      throw new MalformedException(
          "blob %s: piece of %d bytes at byte %d goes past its size of %d bytes"
              .formatted(digest, piece.size(), offset, sizeBytes));
    }
    // A slice, because the buffer of a part of a larger piece does not start at position 0.
    ByteBuffer rest = piece.asReadOnlyByteBuffer().slice();
    ByteBuffer written = rest.duplicate();
    while (rest.hasRemaining()) {
      channel.write(rest, offset + rest.position());
    }
    running.ifPresent(digesting -> digesting.update(written));
    offsetBytes += piece.size();
  }

  /**
   * Checks size and digest and puts the blob into the store; what does not match is discarded.
   *
   * @throws MalformedException if bytes are missing (they may still be appended), or the content is
   *     not what the digest says (it is gone then)
   */
  public void commit() throws IOException, MalformedException {
    if (!isComplete()) {
      throw new MalformedException(
          "blob %s: %d bytes arrived (expected: %d)".formatted(digest, offsetBytes, sizeBytes));
    }
    try {
      Blobs.checkDigest(digest, running.isPresent() ? Digest.finish(running.get()) : readBack());
    } catch (MalformedException e) {
      close();
      Files.deleteIfExists(file);
      throw e;
    }
    channel.force(true);
    close();
    store.adopt(file, digest);
  }

  private Digest readBack() throws MalformedException {
    try {
      return Blobs.digest(channel.position(0));
    } catch (IOException e) {
      throw new MalformedException(
          "blob %s: what arrived cannot be read back (%s)".formatted(digest, e.getMessage()), e);
    }
  }

  /** Keeps what has arrived and releases the file; closing twice changes nothing. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
