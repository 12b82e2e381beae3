package dev.heirloom.runtime.family;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Blob;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256: the name of a blob or of a manifest.
 *
 * @param bytes 32 bytes
 */
public record Digest(ByteString bytes) implements Comparable<Digest> {

  /** Bytes of a SHA-256. */
  public static final int LENGTH = 32;

  /** Checks the length. */
  public Digest {
    if (bytes.size() != LENGTH) {
      throw new IllegalArgumentException(
          "SHA-256: " + bytes.size() + " bytes (expected: " + LENGTH + ")");
    }
  }

  /** Computes the digest of {@code content}. */
  public static Digest of(byte[] content) {
    return finish(start(), content);
  }

  /** The digest that {@code blob} names. */
  public static Digest of(Blob blob) {
    return wrap(blob.getSha256());
  }

  /**
   * Takes 32 bytes as a digest.
   *
   * @throws IllegalArgumentException if they are not 32
   */
  public static Digest wrap(ByteString bytes) {
    return new Digest(bytes);
  }

  /**
   * Reads 64 hexadecimal digits.
   *
   * @throws IllegalArgumentException if they are not that
   */
  public static Digest parse(String hex) {
    if (hex.length() != 2 * LENGTH) {
      throw new IllegalArgumentException(
          "SHA-256: " + hex.length() + " characters (expected: " + 2 * LENGTH + ")");
    }
    return new Digest(ByteString.copyFrom(HexFormat.of().parseHex(hex)));
  }

  /** 64 lower-case hexadecimal digits. */
  public String hex() {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** The first 12 hexadecimal digits, for people. */
  public String brief() {
    return hex().substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return ByteString.unsignedLexicographicalComparator().compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return hex();
  }

  /** SHA-256 of what has yet to come. */
  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static Digest finish(MessageDigest digest, byte... rest) {
    return new Digest(ByteString.copyFrom(digest.digest(rest)));
  }
}
