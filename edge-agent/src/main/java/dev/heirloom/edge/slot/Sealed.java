package dev.heirloom.edge.slot;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Small files whose last 32 bytes are the SHA-256 of those before them. */
public final class Sealed {
  private Sealed() {}

  /** The content with its seal. */
  public static byte[] seal(byte[] content) {
    byte[] sealed = Arrays.copyOf(content, content.length + Digest.LENGTH);
    Digest.of(content).bytes().copyTo(sealed, content.length);
    return sealed;
  }

  /**
   * Reads a sealed file.
   *
   * @param largestBytes with its seal
   * @return the content; empty where there is no such file
   * @throws MalformedException if it is larger, truncated or damaged
   */
  public static Optional<byte[]> read(Path file, int largestBytes)
      throws IOException, MalformedException {
    byte[] bytes;
    try {
      if (Files.size(file) > largestBytes) {
        throw new MalformedException(file.getFileName() + ": " + Files.size(file) + " bytes");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    int length = bytes.length - Digest.LENGTH;
    if (length < 0) {
      throw new MalformedException(file.getFileName() + ": truncated");
    }
    byte[] content = Arrays.copyOf(bytes, length);
    byte[] seal = Arrays.copyOfRange(bytes, length, bytes.length);
    if (!Arrays.equals(Digest.of(content).bytes().toByteArray(), seal)) {
      throw new MalformedException(file.getFileName() + ": damaged (its digest differs)");
    }
    return Optional.of(content);
  }
}
