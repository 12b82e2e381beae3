package dev.heirloom.control.grpc;

import dev.heirloom.control.fleet.Meters;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Set;

/**
 * Counts how calls end. A tracer sees them without standing between a stream and its flow control.
 */
final class CallCounter extends ServerStreamTracer.Factory {
  private final Set<String> methods;
  private final Meters meters;

  /**
   * Calls of other methods than {@code methods} are counted together: their names come from
   * outside.
   */
  CallCounter(Set<String> methods, Meters meters) {
    this.methods = Set.copyOf(methods);
    this.meters = meters;
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    String method = methods.contains(fullMethodName) ? fullMethodName : "unknown";
    return new ServerStreamTracer() {
      @Override
      public void streamClosed(Status status) {
        meters.callEnded(method, status.getCode().name());
      }
    };
  }
}
