package dev.heirloom.bench.grpc.hostile;

import io.grpc.Status;
import java.util.Optional;
import java.util.Set;

/** Whether a hostile call ended as it should. */
final class Verdict {
  /** What does not say what was wrong, or says that nobody knows. */
  private static final Set<Status.Code> UNCLEAR =
      Set.of(
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN,
          Status.Code.DATA_LOSS,
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED);

  private Verdict() {}

  /** What is wrong with how a call ended, one line; empty: nothing. */
  static Optional<String> of(HostileCall call, HostileClient.Ended ended) {
    if (ended.status().isEmpty()) {
      return call.expected().isEmpty() ? Optional.empty() : wrong(call, "it was answered");
    }
    Status status = ended.status().get();
    Status.Code code = status.getCode();
    if (call.endless() && code == Status.Code.DEADLINE_EXCEEDED) {
      return Optional.empty();
    }
    boolean right =
        call.expected().isEmpty() ? !UNCLEAR.contains(code) : call.expected().contains(code);
    right |= code == Status.Code.RESOURCE_EXHAUSTED && noPlace(status);
    boolean told = code == Status.Code.OK || status.getDescription() != null;
    // The client's own deadline looks like the server's, but for what it says.
    boolean hung =
        code == Status.Code.DEADLINE_EXCEEDED
            && String.valueOf(status.getDescription()).contains("deadline exceeded");
    return right && told && !hung ? Optional.empty() : wrong(call, status.toString());
  }

  /** The same for a caller who may call next to nothing. */
  static Optional<String> ofNobody(HostileCall call, HostileClient.Ended ended) {
    if (ended.status().isEmpty()) {
      return mayBeOpen(call) ? Optional.empty() : wrong(call, "it was answered");
    }
    Status.Code code = ended.status().get().getCode();
    boolean right =
        switch (code) {
          case UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, CANCELLED -> true;
          case OK, INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED ->
              mayBeOpen(call) || code == Status.Code.UNIMPLEMENTED;
          case DEADLINE_EXCEEDED -> call.endless();
          default -> false;
        };
    return right ? Optional.empty() : wrong(call, "as nobody: " + ended.status().get());
  }

  /** Hostile transfers themselves hold all the places that there are. */
  private static boolean noPlace(Status status) {
    return String.valueOf(status.getDescription()).startsWith("concurrent ");
  }

  private static boolean mayBeOpen(HostileCall call) {
    String method = call.method().getFullMethodName();
    return method.startsWith("grpc.health.") || method.endsWith("Agents/Enrol");
  }

  private static Optional<String> wrong(HostileCall call, String how) {
    String line = how.lines().findFirst().orElse("");
    return Optional.of(call.label() + ": " + line);
  }
}
