package dev.heirloom.edge.link;

import io.grpc.Status;

/** What a device is known by could not be had; one line for a person. */
public final class CredentialsException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  /** A person has to do something. */
  CredentialsException(String message) {
    super(message);
    this.failure = new Failure(Status.Code.UNAUTHENTICATED, message);
  }

  CredentialsException(String message, Throwable cause) {
    super(message, cause);
    this.failure = new Failure(Status.Code.UNAUTHENTICATED, message);
  }

  /** A call failed, which may go well the next time. */
  CredentialsException(Failure failure, Throwable cause) {
    super(failure.told(), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
