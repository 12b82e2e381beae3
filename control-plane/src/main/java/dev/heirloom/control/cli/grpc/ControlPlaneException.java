package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import io.grpc.Status;
import io.grpc.StatusException;

/** A control plane that could not be reached or that refused; its message is one line. */
public final class ControlPlaneException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean unreachable;

  private ControlPlaneException(String message, boolean unreachable) {
    super(message);
    this.unreachable = unreachable;
  }

  static ControlPlaneException of(HostPort address, StatusException thrown) {
    Status status = thrown.getStatus();
    String said = status.getDescription() == null ? "" : ": " + status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          new ControlPlaneException("no control plane answers at " + address + said, true);
      case DEADLINE_EXCEEDED ->
          new ControlPlaneException("the control plane at " + address + " took too long", true);
      default ->
          new ControlPlaneException(
              "the control plane at " + address + " refused (" + status.getCode() + ")" + said,
              false);
    };
  }

  /** True where no answer came, false where the answer was no. */
  public boolean unreachable() {
    return unreachable;
  }
}
