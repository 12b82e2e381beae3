package dev.heirloom.runtime.trust;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * The public half of an Ed25519 key.
 *
 * @param bytes 32 bytes, as RFC 8032 writes them
 */
public record VerificationKey(ByteString bytes) {

  static final int LENGTH = 32;

  /** What an X.509 public key of this kind begins with (RFC 8410). */
  private static final ByteString PREFIX =
      ByteString.copyFrom(HexFormat.of().parseHex("302a300506032b6570032100"));

  /**
   * Takes 32 bytes as a key.
   *
   * @throws MalformedException if they are not one
   */
  static VerificationKey of(ByteString bytes, String field) throws MalformedException {
    if (bytes.size() != LENGTH) {
      throw new MalformedException(
          "%s: %d bytes (expected: %d)".formatted(field, bytes.size(), LENGTH));
    }
    VerificationKey key = new VerificationKey(bytes);
    try {
      key.decoded();
    } catch (GeneralSecurityException e) {
      throw new MalformedException(field + ": not an Ed25519 key", e);
    }
    return key;
  }

  static VerificationKey of(PublicKey key) {
    return new VerificationKey(ByteString.copyFrom(key.getEncoded()).substring(PREFIX.size()));
  }

  /** SHA-256 of the key's bytes, which names it. */
  public Digest id() {
    return Digest.of(bytes.toByteArray());
  }

  /** Whether this key signed a message. */
  boolean signed(byte[] message, ByteString signature) {
    try {
      Signature verifier = Signature.getInstance(SigningKey.ALGORITHM);
      verifier.initVerify(decoded());
      verifier.update(message);
      return verifier.verify(signature.toByteArray());
    } catch (GeneralSecurityException e) {
      // Not even the form of a signature, or of a key.
      return false;
    }
  }

  /** X.509. */
  ByteString encoded() {
    return PREFIX.concat(bytes);
  }

  private PublicKey decoded() throws GeneralSecurityException {
    return KeyFactory.getInstance(SigningKey.ALGORITHM)
        .generatePublic(new X509EncodedKeySpec(encoded().toByteArray()));
  }
}
