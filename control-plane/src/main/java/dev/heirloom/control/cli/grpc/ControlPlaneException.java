package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import io.grpc.Status;
import io.grpc.StatusException;

/** A control plane that could not be reached or that refused; its message is one line. */
public final class ControlPlaneException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean unreachable;
  private final boolean notFound;
  private final boolean busy;
  private final boolean denied;

  private ControlPlaneException(String message, Status.Code code) {
    super(message);
    this.unreachable = code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
    this.notFound = code == Status.Code.NOT_FOUND;
    this.busy = code == Status.Code.ABORTED || code == Status.Code.RESOURCE_EXHAUSTED;
    this.denied = code == Status.Code.UNAUTHENTICATED || code == Status.Code.PERMISSION_DENIED;
  }

  static ControlPlaneException of(HostPort address, StatusException thrown) {
    Status status = thrown.getStatus();
    String said = status.getDescription() == null ? "" : ": " + status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          new ControlPlaneException(
              "no control plane answers at " + address + network(status, said), status.getCode());
      case DEADLINE_EXCEEDED ->
          new ControlPlaneException(
              "the control plane at " + address + " took too long", status.getCode());
      default ->
          new ControlPlaneException(
              "the control plane at " + address + " refused (" + status.getCode() + ")" + said,
              status.getCode());
    };
  }

  /** What the network said, e.g. "Connection refused"; gRPC calls all of it "io exception". */
  private static String network(Status status, String said) {
    Throwable root = status.getCause();
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    if (root == null || root.getMessage() == null) {
      return said;
    }
    String[] parts = root.getMessage().split(": ", -1);
    return ": " + parts[parts.length - 1];
  }

  /** True where no answer came, false where the answer was no. */
  public boolean unreachable() {
    return unreachable;
  }

  /** True where the answer may be another once others have ended what they do. */
  public boolean busy() {
    return busy;
  }

  /** True where whoever called may not, or is not known. */
  public boolean denied() {
    return denied;
  }

  /** True where it knows nothing of the name that was asked about. */
  public boolean notFound() {
    return notFound;
  }
}
