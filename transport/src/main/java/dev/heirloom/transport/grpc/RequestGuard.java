package dev.heirloom.transport.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;

/**
 * Stands before a service and answers what is no request of it with a status that says so: bytes
 * that are no message, none where one is due or two, a request that does not end, headers that are
 * too long. gRPC itself answers the first of these with {@code UNKNOWN} and a stack trace in the
 * log, the next with {@code INTERNAL}, and waits for the end for ever.
 */
public final class RequestGuard {
  private static final int HEADER_OVERHEAD_BYTES = 32;

  private final RequestLimits limits;
  private final ScheduledExecutorService timer;
  private final Consumer<RequestFault> refused;

  /**
   * @param timer ends what does not come in time
   * @param refused hears of each one; returns at once
   */
  public RequestGuard(
      RequestLimits limits, ScheduledExecutorService timer, Consumer<RequestFault> refused) {
    this.limits = limits;
    this.timer = timer;
    this.refused = refused;
  }

  /** A timer for guards, of one thread that keeps no process alive; its maker shuts it down. */
  public static ScheduledExecutorService timer(String name) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    // Nearly every request comes in time: what was to end it is not kept until then.
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  /** What a server with guarded services has to have, too. */
  public static ServerStreamTracer.Factory tracers() {
    return new StreamEnd.Factory();
  }

  /** A service, interceptors of its own included, behind this guard. */
  public ServerServiceDefinition over(ServerServiceDefinition service) {
    ServiceDescriptor before = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(before.getName())
            .setSchemaDescriptor(before.getSchemaDescriptor());
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(guarded(method)));
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder guarded = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(guarded::addMethod);
    return guarded.build();
  }

  private <I, O> ServerMethodDefinition<Received<I>, O> guarded(
      ServerMethodDefinition<I, O> method) {
    MethodDescriptor<I, O> before = method.getMethodDescriptor();
    MethodDescriptor<Received<I>, O> after =
        before.toBuilder(
                new Reading<>(before.getRequestMarshaller()), before.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(
        after, (call, headers) -> heard(call, headers, before, method.getServerCallHandler()));
  }

  private <I, O> ServerCall.Listener<Received<I>> heard(
      ServerCall<Received<I>, O> call,
      Metadata headers,
      MethodDescriptor<I, O> method,
      ServerCallHandler<I, O> service) {
    long bytes = bytes(headers);
    if (bytes > limits.headerBytes()) {
      refused.accept(RequestFault.HEADERS);
      call.close(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "headers: %d bytes (expected: at most %d)".formatted(bytes, limits.headerBytes())),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    HeardCall<I, O> heard = new HeardCall<>(call, method, refused);
    heard.endsAfter(limits.firstMessage(), timer);
    return new HeardListener<>(heard, service.startCall(heard, headers));
  }

  private static long bytes(Metadata headers) {
    long bytes = 0;
    for (String name : headers.keys()) {
      bytes += bytes(headers, name);
    }
    return bytes;
  }

  private static long bytes(Metadata headers, String name) {
    long bytes = 0;
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      Iterable<byte[]> values =
          headers.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
      for (byte[] value : values == null ? List.<byte[]>of() : values) {
        bytes += name.length() + value.length + HEADER_OVERHEAD_BYTES;
      }
      return bytes;
    }
    Iterable<String> values =
        headers.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    for (String value : values == null ? List.<String>of() : values) {
      bytes +=
          name.length()
              + value.getBytes(StandardCharsets.UTF_8).length
              + (long) HEADER_OVERHEAD_BYTES;
    }
    return bytes;
  }

  /** What was read of one message. */
  sealed interface Received<I> {
    record Sound<I>(I message) implements Received<I> {}

    record Unsound<I>(RequestFault fault, Status status) implements Received<I> {}
  }

  /** Reads messages without an exception where they are none. */
  private record Reading<I>(MethodDescriptor.Marshaller<I> marshaller)
      implements MethodDescriptor.Marshaller<Received<I>> {

    @Override
    public InputStream stream(Received<I> value) {
      throw new IllegalStateException("a server sends no requests");
    }

    @Override
    public Received<I> parse(InputStream stream) {
      try {
        return new Received.Sound<>(marshaller.parse(stream));
      } catch (StatusRuntimeException e) {
        // gRPC's word for bytes that are no message; a limit of size is told as what it is.
        return e.getStatus().getCode() == Status.Code.INTERNAL
            ? malformed(e)
            : new Received.Unsound<>(RequestFault.LARGE, e.getStatus());
      } catch (RuntimeException e) {
        return malformed(e);
      }
    }

    private static <I> Received<I> malformed(RuntimeException failure) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
      return new Received.Unsound<>(
          RequestFault.MALFORMED,
          Status.INVALID_ARGUMENT.withDescription(
              "message: not one of this method (" + said + ")"));
    }
  }
}
