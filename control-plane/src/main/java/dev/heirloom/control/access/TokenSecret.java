package dev.heirloom.control.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token as its owner has it: {@code heirloom_ID_SECRET}. The secret has 256 random bits, so that
 * one round of SHA-256 hides it at rest: there is nothing to guess.
 *
 * @param id 8 hexadecimal digits
 * @param text the whole
 */
public record TokenSecret(String id, String text) {
  private static final Pattern FORM = Pattern.compile("heirloom_([0-9a-f]{8})_[A-Za-z0-9_-]{43}");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 4;
  private static final int SECRET_BYTES = 32;

  /** A new one. */
  public static TokenSecret create() {
    byte[] id = new byte[ID_BYTES];
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(id);
    RANDOM.nextBytes(secret);
    String name = HexFormat.of().formatHex(id);
    return new TokenSecret(
        name,
        "heirloom_" + name + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
  }

  /** Reads what a caller sent; empty where it is none. */
  public static Optional<TokenSecret> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new TokenSecret(matcher.group(1), text))
        : Optional.empty();
  }

  /** What is kept of it. */
  public String sha256() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it is the one that a token was kept of, in a time that says nothing. */
  boolean opens(Token token) {
    return MessageDigest.isEqual(
        sha256().getBytes(StandardCharsets.US_ASCII),
        token.sha256().getBytes(StandardCharsets.US_ASCII));
  }

  /** Without the secret: what is logged by mistake opens nothing. */
  @Override
  public String toString() {
    return "heirloom_" + id + "_…";
  }
}
