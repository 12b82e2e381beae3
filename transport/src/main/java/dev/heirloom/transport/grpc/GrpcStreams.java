package dev.heirloom.transport.grpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.jspecify.annotations.Nullable;

/**
 * gRPC calls as streams. In every direction the next message is asked for only when the reader
 * wants it and written only when the call is ready, so neither a slow peer nor a slow stream costs
 * more than a bounded number of messages.
 *
 * <p>A stream's failure ends its call with the status that the failure carries ({@code UNKNOWN}
 * where it carries none); a call's failure fails the stream with the {@code
 * StatusRuntimeException}. Cancelling either side cancels the other.
 */
public final class GrpcStreams {
  private GrpcStreams() {}

  /**
   * Answers a call with the elements of {@code source}. Must run on the service method's own
   * thread, before it returns.
   *
   * @param call what the service method was given
   */
  public static <T> void serve(
      Source<T, ?> source, StreamObserver<T> call, Materializer materializer) {
    CallBell bell = new CallBell();
    serve(source, onServer(call, bell), bell, Attributes.none(), materializer);
  }

  /**
   * The same for bulk.
   *
   * @param queuedBytes the next message is written as long as fewer wait for the connection; a
   *     stalled peer costs so much and a message
   * @param attributes of the whole stream, e.g. the dispatcher that it runs on; one that is set on
   *     the source alone would set it apart, behind a buffer
   */
  public static <T> void serve(
      Source<T, ?> source,
      StreamObserver<T> call,
      int queuedBytes,
      Attributes attributes,
      Materializer materializer) {
    CallBell bell = new CallBell();
    ServerCallStreamObserver<T> server = onServer(call, bell);
    server.setOnReadyThreshold(queuedBytes);
    serve(source, server, bell, attributes, materializer);
  }

  private static <T> void serve(
      Source<T, ?> source,
      ServerCallStreamObserver<T> server,
      CallBell bell,
      Attributes attributes,
      Materializer materializer) {
    source
        .to(Sink.fromGraph(new OutboundStage<>(server, bell)))
        .withAttributes(attributes)
        .run(materializer);
  }

  /**
   * Answers a call whose requests are a stream with what {@code flow} makes of them. Must run on
   * the service method's own thread; its result is what the method returns.
   */
  public static <I, O> StreamObserver<I> serve(
      Flow<I, O, ?> flow, StreamObserver<O> call, Materializer materializer) {
    CallBell outbound = new CallBell();
    ServerCallStreamObserver<O> server = onServer(call, outbound);
    Inbound<I> inbound = inbound(server);
    inbound
        .source()
        .via(flow)
        .runWith(Sink.fromGraph(new OutboundStage<>(server, outbound)), materializer);
    return inbound.observer();
  }

  /**
   * The requests of a call.
   *
   * @param observer what the service method returns
   * @param source the requests in order; fails where the caller cancels; run it once
   */
  public record Inbound<T>(StreamObserver<T> observer, Source<T, NotUsed> source) {}

  /**
   * Takes the requests of a call as a source, for a service method that answers on {@code call} by
   * itself. Must be called on the service method's own thread, before it returns.
   */
  public static <T> Inbound<T> inbound(ServerCallStreamObserver<?> call) {
    call.disableAutoRequest();
    CallBell bell = new CallBell();
    Inbox<T> inbox = new Inbox<>(bell);
    // A server cannot refuse further requests alone: it stops asking, and its answer ends the call.
    InboundStage<T> stage = new InboundStage<>(inbox, bell, call::request, 0, cause -> {});
    return new Inbound<>(inbox, Source.fromGraph(stage));
  }

  /**
   * The answers to one request; each run of the source is a call of its own.
   *
   * @param start starts the call, e.g. {@code observer -> stub.fetch(request, observer)}
   */
  public static <T> Source<T, NotUsed> call(Consumer<StreamObserver<T>> start) {
    return call(start, 0);
  }

  /**
   * The same with answers on their way while one is dealt with.
   *
   * @param ahead answers that are asked for before they are wanted, and held until they are
   */
  public static <T> Source<T, NotUsed> call(Consumer<StreamObserver<T>> start, int ahead) {
    if (ahead < 0) {
      throw new IllegalArgumentException("ahead: " + ahead + " (expected: 0 or more)");
    }
    return Source.<T, NotUsed>fromMaterializer(
            (materializer, attributes) -> {
              Caller<Object, T> caller = new Caller<>();
              start.accept(caller);
              return Source.fromGraph(caller.inbound(ahead));
            })
        .mapMaterializedValue(started -> NotUsed.getInstance());
  }

  /**
   * A call whose requests are what flows in and whose answers are what flows out; each run is a
   * call of its own. When what flows in completes, the requests are completed and answers still
   * flow; when the answers end, so does all.
   *
   * @param start starts the call, e.g. {@code stub::connect}
   */
  public static <I, O> Flow<I, O, NotUsed> flow(
      Function<StreamObserver<O>, StreamObserver<I>> start) {
    return Flow.<I, O, NotUsed>fromMaterializer(
            (materializer, attributes) -> {
              Caller<I, O> caller = new Caller<>();
              StreamObserver<I> requests = start.apply(caller);
              return Flow.fromSinkAndSourceMat(
                  Sink.fromGraph(caller.outbound(requests)),
                  Source.fromGraph(caller.inbound(0)),
                  Keep.left());
            })
        .mapMaterializedValue(started -> NotUsed.getInstance());
  }

  private static <T> ServerCallStreamObserver<T> onServer(StreamObserver<T> call, CallBell bell) {
    if (!(call instanceof ServerCallStreamObserver<T> server)) {
      throw new IllegalArgumentException(
          "call: " + call.getClass().getName() + " (expected: what a service method is given)");
    }
    server.setOnReadyHandler(bell::ring);
    server.setOnCancelHandler(bell::end);
    return server;
  }

  /** The caller's end of one call. */
  private static final class Caller<I, O> implements ClientResponseObserver<I, O> {
    private final CallBell outbound = new CallBell();
    private final CallBell inbound = new CallBell();
    private final Inbox<O> inbox = new Inbox<>(inbound);
    private @Nullable ClientCallStreamObserver<I> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<I> requestStream) {
      requests = requestStream;
      requestStream.disableAutoRequestWithInitial(0);
      requestStream.setOnReadyHandler(outbound::ring);
    }

    @Override
    public void onNext(O value) {
      inbox.onNext(value);
    }

    @Override
    public void onError(Throwable failure) {
      outbound.end();
      inbox.onError(failure);
    }

    @Override
    public void onCompleted() {
      outbound.end();
      inbox.onCompleted();
    }

    OutboundStage<I> outbound(StreamObserver<I> returned) {
      ClientCallStreamObserver<I> call = started();
      if (returned != call) {
        throw new IllegalArgumentException("start: does not return what the stub returned");
      }
      return new OutboundStage<>(call, outbound);
    }

    InboundStage<O> inbound(int ahead) {
      ClientCallStreamObserver<I> call = started();
      return new InboundStage<>(
          inbox,
          inbound,
          call::request,
          ahead,
          cause -> {
            outbound.end();
            call.cancel("the reader is gone", cause);
          });
    }

    private ClientCallStreamObserver<I> started() {
      return Objects.requireNonNull(requests, "the call was not started");
    }
  }
}
