package dev.heirloom.runtime.trust;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Signature;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An Ed25519 key, both halves. Its private half is in no message and in no text but {@link #pem}.
 */
public final class SigningKey {
  static final String ALGORITHM = "Ed25519";

  private static final Pattern PEM =
      Pattern.compile(
          "\\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----"
              + "\\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");

  private static final byte[] TRIAL = Statement.message("key", new byte[] {1});

  private final PrivateKey secret;
  private final VerificationKey verification;

  private SigningKey(PrivateKey secret, VerificationKey verification) {
    this.secret = secret;
    this.verification = verification;
  }

  /** Makes a key from the system's randomness. */
  public static SigningKey create() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      return new SigningKey(pair.getPrivate(), VerificationKey.of(pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform from 15 on has Ed25519", e);
    }
  }

  /**
   * Reads what {@link #pem} wrote.
   *
   * @throws MalformedException if it is not a key, or its halves do not belong together; the
   *     message holds nothing of it
   */
  public static SigningKey parse(String pem) throws MalformedException {
    Matcher blocks = PEM.matcher(pem);
    if (!blocks.matches()) {
      throw new MalformedException(
          "not a signing key (expected: PEM, a PRIVATE KEY and its PUBLIC KEY)");
    }
    SigningKey key;
    try {
      KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
      PrivateKey secret =
          factory.generatePrivate(new PKCS8EncodedKeySpec(decoded(blocks.group(1))));
      PublicKey open = factory.generatePublic(new X509EncodedKeySpec(decoded(blocks.group(2))));
      key = new SigningKey(secret, VerificationKey.of(open));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Without the cause: it may quote the key.
      throw new MalformedException("not a signing key (expected: Ed25519)");
    }
    if (!key.verification.signed(TRIAL, key.sign(TRIAL).getValue())) {
      throw new MalformedException("not a signing key: its two halves do not belong together");
    }
    return key;
  }

  /**
   * Reads a key's file.
   *
   * @throws MalformedException if it holds none, naming the file
   */
  public static SigningKey read(Path file) throws IOException, MalformedException {
    try {
      return parse(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new MalformedException(file + ": not a signing key");
    } catch (MalformedException e) {
      throw e.in(file.toString());
    }
  }

  private static byte[] decoded(String base64) {
    return Base64.getMimeDecoder().decode(base64);
  }

  /** Both halves in PEM, PKCS #8 and X.509, as other tools read them. A secret. */
  public String pem() {
    return block("PRIVATE KEY", secret.getEncoded())
        + block("PUBLIC KEY", verification.encoded().toByteArray());
  }

  private static String block(String title, byte[] der) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + title + "-----\n" + lines + "\n-----END " + title + "-----\n";
  }

  /** The public half. */
  public VerificationKey verification() {
    return verification;
  }

  /**
   * Signs.
   *
   * @param message what was put together by {@link Statement#message}
   */
  Signature sign(byte[] message) {
    try {
      java.security.Signature signer = java.security.Signature.getInstance(ALGORITHM);
      signer.initSign(secret);
      signer.update(message);
      return Signature.newBuilder()
          .setKeyId(verification.id().bytes())
          .setValue(ByteString.copyFrom(signer.sign()))
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was accepted does not sign", e);
    }
  }

  @Override
  public String toString() {
    return "signing key " + verification.id().brief();
  }
}
