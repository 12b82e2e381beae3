package dev.heirloom.transport.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Says at once, on the connection's own thread, that a stream has ended. A service hears of it
 * later; what it writes until then to a stream that gRPC has ended (a message beyond its limit does
 * that) would be an error of the connection, which takes all other calls on it along.
 */
final class StreamEnd extends ServerStreamTracer {
  private static final Context.Key<StreamEnd> KEY = Context.key("heirloom-stream-end");

  private boolean over;

  /** Makes one for each stream. */
  static final class Factory extends ServerStreamTracer.Factory {
    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return new StreamEnd();
    }
  }

  /** That of the call that is served; one that never is, where none was made. */
  static StreamEnd current() {
    @Nullable StreamEnd made = KEY.get();
    return made == null ? new StreamEnd() : made;
  }

  synchronized boolean over() {
    return over;
  }

  /**
   * Hands the call headers or trailers unless the stream has ended. It ends before that or after
   * it, never meanwhile: gRPC tells of an end first, and acts on it then.
   *
   * @param write does not wait for the connection's thread
   */
  synchronized void unlessOver(Runnable write) {
    if (!over) {
      write.run();
    }
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public synchronized void streamClosed(Status status) {
    over = true;
  }
}
