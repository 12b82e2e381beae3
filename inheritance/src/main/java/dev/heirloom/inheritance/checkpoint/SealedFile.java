package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A file that tells whether it is whole: 8 bytes {@code HEIRKEPT}, the format's version as int32,
 * the content, and the SHA-256 of all this. Numbers are big-endian. It is replaced as a whole.
 */
final class SealedFile {
  private static final byte[] MAGIC = "HEIRKEPT".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int HEAD = MAGIC.length + Integer.BYTES;
  private static final int DIGEST = 32;
  private static final int BUFFER = 1 << 16;

  private SealedFile() {}

  /** Writes a content. */
  interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  /** Reads a content whose digest is right. */
  interface Reader<T> {
    T read(ContentReader in) throws IOException, MalformedException;
  }

  static void write(Path file, Writer content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".writing");
    MessageDigest digest = sha256();
    try (FileOutputStream raw = new FileOutputStream(temporary.toFile());
        BufferedOutputStream buffered = new BufferedOutputStream(raw, BUFFER)) {
      DataOutputStream out = new DataOutputStream(new DigestOutputStream(buffered, digest));
      out.write(MAGIC);
      out.writeInt(VERSION);
      content.write(out);
      out.flush();
      buffered.write(digest.digest());
      buffered.flush();
      raw.getFD().sync();
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    replace(temporary, file);
  }

  /** Gives a complete file its name; durable when this returns. */
  static void replace(Path complete, Path file) throws IOException {
    Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Uninterrupted.run(() -> DurableFiles.syncDirectory(DurableFiles.parent(file)));
  }

  /**
   * Reads a file.
   *
   * @throws MalformedException in one line, if it is not whole or not what was expected
   */
  static <T> T read(Path file, Reader<T> reader) throws IOException, MalformedException {
    long content = Files.size(file) - HEAD - DIGEST;
    if (content < 0) {
      throw new MalformedException(file + ": cut off (" + Files.size(file) + " bytes)");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      MessageDigest digest = sha256();
      update(digest, in, HEAD + content);
      if (!Arrays.equals(digest.digest(), in.readNBytes(DIGEST))) {
        throw new MalformedException(file + ": damaged (its SHA-256 differs)");
      }
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      ContentReader parts = new ContentReader(in, HEAD + content);
      if (!Arrays.equals(parts.bytes(MAGIC.length), MAGIC)) {
        throw new MalformedException(file + ": not a part of a checkpoint");
      }
      int version = parts.integer("version", 0, Integer.MAX_VALUE);
      if (version != VERSION) {
        throw new MalformedException(
            file + ": version " + version + " (expected: " + VERSION + ")");
      }
      T read = reader.read(parts);
      parts.end();
      return read;
    } catch (MalformedException e) {
      throw String.valueOf(e.getMessage()).startsWith(file.toString()) ? e : e.in(file.toString());
    }
  }

  /** The SHA-256 of a whole file. */
  static byte[] digest(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      update(digest, in, Long.MAX_VALUE);
    }
    return digest.digest();
  }

  private static void update(MessageDigest digest, InputStream in, long most) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = most;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        return;
      }
      digest.update(buffer, 0, read);
      left -= read;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
