package dev.heirloom.control.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Gives each call a trace id, the caller's where it sends one (W3C Trace Context), which stands in
 * what is logged meanwhile and in the trailers of the answer. A call that ends by a defect is
 * logged with it.
 */
final class Traces implements ServerInterceptor {
  static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> TRACE_ID =
      Metadata.Key.of("heirloom-trace-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final String NAME = "trace_id";
  private static final Logger LOG = LoggerFactory.getLogger(Traces.class);
  private static final Pattern W3C =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.{0,256}");
  private static final String NO_TRACE = "0".repeat(32);
  private static final HexFormat HEX = HexFormat.of();

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    String id = id(headers);
    try (MDC.MDCCloseable named = MDC.putCloseable(NAME, id)) {
      return new Traced<>(next.startCall(new Told<>(call, id), headers), id);
    }
  }

  private static String id(Metadata headers) {
    String parent = headers.get(TRACEPARENT);
    Matcher w3c = W3C.matcher(parent == null ? "" : parent);
    if (w3c.matches() && !w3c.group(1).equals(NO_TRACE)) {
      return w3c.group(1);
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong() | 1);
  }

  /** Puts the id where the caller finds it. */
  private static final class Told<A, B> extends SimpleForwardingServerCall<A, B> {
    private final String id;

    Told(ServerCall<A, B> call, String id) {
      super(call);
      this.id = id;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      trailers.put(TRACE_ID, id);
      if (defect(status.getCode())) {
        try (MDC.MDCCloseable named = MDC.putCloseable(NAME, id)) {
          LOG.error(
              "{} ended with {} (trace {})",
              getMethodDescriptor().getFullMethodName(),
              status.getCode(),
              id);
        }
      }
      super.close(status, trailers);
    }

    private static boolean defect(Status.Code code) {
      return code == Status.Code.INTERNAL
          || code == Status.Code.UNKNOWN
          || code == Status.Code.DATA_LOSS;
    }
  }

  /** Has what is logged while a call is heard carry the id. */
  private static final class Traced<A> extends SimpleForwardingServerCallListener<A> {
    private final String id;

    Traced(ServerCall.Listener<A> listener, String id) {
      super(listener);
      this.id = id;
    }

    private void within(Runnable heard) {
      try (MDC.MDCCloseable named = MDC.putCloseable(NAME, id)) {
        heard.run();
      }
    }

    @Override
    public void onMessage(A message) {
      within(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      within(super::onHalfClose);
    }

    @Override
    public void onCancel() {
      within(super::onCancel);
    }

    @Override
    public void onComplete() {
      within(super::onComplete);
    }

    @Override
    public void onReady() {
      within(super::onReady);
    }
  }
}
