package dev.heirloom.edge.link;

import io.grpc.Status;
import java.util.Set;

/**
 * Why a connection failed.
 *
 * @param code what the call ended with; {@code UNKNOWN} where it was not a call that said so
 * @param told one line for a person
 */
record Failure(Status.Code code, String told) {
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED, Status.Code.ALREADY_EXISTS);

  Failure(String told) {
    this(Status.Code.UNKNOWN, told);
  }

  static Failure of(Throwable thrown) {
    return new Failure(Status.fromThrowable(thrown).getCode(), Session.reason(thrown));
  }

  /** Whether trying again soon would only repeat it. */
  boolean refused() {
    return REFUSALS.contains(code);
  }

  /** Whether the control plane does not know who called. */
  boolean unknown() {
    return code == Status.Code.UNAUTHENTICATED;
  }
}
