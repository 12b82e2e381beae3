package dev.heirloom.inheritance.checkpoint;

import java.io.IOException;
import java.util.List;

/** A checkpoint that cannot be used, or must not be lost; the message is one line. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> hints;

  CheckpointException(String message, String... hints) {
    super(message);
    this.hints = List.of(hints);
  }

  /** What to do about it, one line each. */
  public List<String> hints() {
    return hints;
  }
}
