package dev.heirloom.control.cli;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;

/** A file that arrives in pieces and takes its place only when it is what was promised. */
final class DownloadedFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final MessageDigest digest;
  private long bytes;

  private DownloadedFile(Path target, Path temporary, FileChannel channel, MessageDigest digest) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.digest = digest;
  }

  /** Begins a file beside {@code target}. */
  static DownloadedFile begin(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + " is a directory (expected: a file to write)");
    }
    Path temporary =
        AtomicFile.parent(target)
            .resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    return new DownloadedFile(
        target,
        temporary,
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        digest);
  }

  void append(ByteString piece) throws IOException {
    ByteBuffer content = piece.asReadOnlyByteBuffer();
    digest.update(content.duplicate());
    while (content.hasRemaining()) {
      bytes += channel.write(content);
    }
  }

  long bytes() {
    return bytes;
  }

  /**
   * Takes the place of the target.
   *
   * @throws IOException where it is not the content that was promised
   */
  void finish(Digest promised, long promisedBytes) throws IOException {
    if (bytes != promisedBytes || !Arrays.equals(digest.digest(), promised.bytes().toByteArray())) {
      throw new IOException(
          "what arrived is not the heir that was promised: %d bytes (expected: %d, SHA-256 %s)"
              .formatted(bytes, promisedBytes, promised.hex()));
    }
    channel.force(true);
    channel.close();
    DurableFiles.move(temporary, target.toAbsolutePath());
  }

  /** Leaves nothing behind where it was not finished. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(temporary);
  }
}
