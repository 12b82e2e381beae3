package dev.heirloom.inheritance.training;

import java.io.Serial;

/** Says in one line why a graph cannot be trained or evaluated here. */
public final class TrainingException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** An exception with a message of one line. */
  public TrainingException(String message) {
    super(message);
  }

  TrainingException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says where libtorch failed; of its message, which goes on with a stack, the first line. */
  static TrainingException at(String place, RuntimeException failure) {
    String message = String.valueOf(failure.getMessage());
    return new TrainingException(place + ": " + message.lines().findFirst().orElse(""), failure);
  }
}
