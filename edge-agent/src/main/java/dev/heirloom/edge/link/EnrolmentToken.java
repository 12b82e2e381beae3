package dev.heirloom.edge.link;

import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the device has an enrolment token from. It is read whenever one is needed, so that a new
 * one need only be put there.
 *
 * @param file goes before {@code text}
 * @param text from the environment
 */
public record EnrolmentToken(Optional<Path> file, Optional<String> text) {
  /** None is given. */
  public static final EnrolmentToken NONE = new EnrolmentToken(Optional.empty(), Optional.empty());

  private static final long LARGEST_BYTES = 1024;

  /** Whether one is given, or may be. */
  public boolean given() {
    return file.isPresent() || text.isPresent();
  }

  /** What is to be shown; empty where there is none, or not yet. */
  Optional<String> read() throws CredentialsException {
    if (file.isEmpty()) {
      return text;
    }
    Path from = file.get();
    try {
      if (!Files.exists(from)) {
        return Optional.empty();
      }
      if (Files.size(from) > LARGEST_BYTES) {
        throw new CredentialsException(
            "--enrol-token-file: " + from + " is too long to hold a token");
      }
      return Optional.of(Files.readString(from).strip()).filter(token -> !token.isEmpty());
    } catch (IOException e) {
      throw new CredentialsException("--enrol-token-file: cannot read " + from, e);
    }
  }

  /** What is remembered of one that was exchanged. */
  static Digest digest(String token) {
    return Digest.of(token.getBytes(StandardCharsets.UTF_8));
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "EnrolmentToken[file=%s, text=%s]".formatted(file, text.isPresent() ? "given" : "none");
  }
}
