package dev.heirloom.transport.grpc;

import dev.heirloom.transport.grpc.RequestGuard.Received;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call as its service sees it, which can be ended from any thread before the service has its
 * request. Everything else, readiness first of all, is the call's that it stands for.
 */
final class HeardCall<I, O> extends ServerCall<I, O> {
  private final ServerCall<Received<I>, O> call;
  private final MethodDescriptor<I, O> method;
  private final Consumer<RequestFault> refused;
  private final StreamEnd stream = StreamEnd.current();
  private @Nullable ScheduledFuture<?> end;
  private boolean closed;
  private boolean heard;
  private volatile boolean endedHere;

  HeardCall(
      ServerCall<Received<I>, O> call,
      MethodDescriptor<I, O> method,
      Consumer<RequestFault> refused) {
    this.call = call;
    this.method = method;
    this.refused = refused;
  }

  /** Ends it after a time, unless it was {@link #heard} until then. */
  synchronized void endsAfter(Duration time, ScheduledExecutorService timer) {
    Status late =
        Status.DEADLINE_EXCEEDED.withDescription(
            "request: not there after %d ms".formatted(time.toMillis()));
    try {
      end =
          timer.schedule(
              () -> refuse(RequestFault.UNFINISHED, late), time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The server is ending, and the call with it.
    }
  }

  /** What had to come in time has come. */
  void heard() {
    ScheduledFuture<?> pending;
    synchronized (this) {
      heard = true;
      pending = end;
      end = null;
    }
    if (pending != null) {
      pending.cancel(false);
    }
  }

  /** Whether it was ended before its service was done. */
  boolean endedHere() {
    return endedHere;
  }

  /** Whether nothing may be written to it any more. */
  private boolean over() {
    return closed || stream.over() || call.isCancelled();
  }

  /** Whether the method takes one message and its end. */
  boolean takesOne() {
    return method.getType().clientSendsOneMessage();
  }

  /** Ends it, and counts why, unless it has ended; what has come is no longer late. */
  void refuse(RequestFault why, Status status) {
    synchronized (this) {
      if (over() || (heard && why == RequestFault.UNFINISHED)) {
        return;
      }
      closed = true;
      endedHere = true;
      // Before its client can know.
      refused.accept(why);
      stream.unlessOver(() -> call.close(ShortStatus.of(status), new Metadata()));
    }
    heard();
  }

  @Override
  public void request(int messages) {
    call.request(messages);
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!over()) {
      stream.unlessOver(() -> call.sendHeaders(headers));
    }
  }

  @Override
  public synchronized void sendMessage(O message) {
    if (!over()) {
      call.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    synchronized (this) {
      if (over()) {
        return;
      }
      closed = true;
      stream.unlessOver(() -> call.close(ShortStatus.of(status), ShortStatus.of(trailers)));
    }
    heard();
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public boolean isCancelled() {
    return call.isCancelled();
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    call.setMessageCompression(enabled);
  }

  @Override
  public void setCompression(String compressor) {
    call.setCompression(compressor);
  }

  @Override
  public void setOnReadyThreshold(int bytes) {
    call.setOnReadyThreshold(bytes);
  }

  @Override
  public SecurityLevel getSecurityLevel() {
    return call.getSecurityLevel();
  }

  @Override
  public Attributes getAttributes() {
    return call.getAttributes();
  }

  @Override
  public @Nullable String getAuthority() {
    return call.getAuthority();
  }

  @Override
  public MethodDescriptor<I, O> getMethodDescriptor() {
    return method;
  }
}
