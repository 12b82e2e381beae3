package dev.heirloom.control.grpc;

import dev.heirloom.actors.delivery.BlobSource;
import dev.heirloom.transport.grpc.GrpcStreams;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Source;

/** Ends calls with an answer or with the status of what went wrong. */
final class Answers {
  /**
   * What may wait for a connection, beside one message: 200 devices that do not read take some 45
   * MB.
   */
  private static final int QUEUED_BYTES = 64 << 10;

  private Answers() {}

  /** Answers with one message, now. */
  static <T> void now(StreamObserver<T> call, Supplier<T> answer) {
    T message;
    try {
      message = answer.get();
    } catch (RuntimeException e) {
      call.onError(Failures.of(e));
      return;
    }
    call.onNext(message);
    call.onCompleted();
  }

  /** Answers with one message, when it is there. */
  static <T> void later(StreamObserver<T> call, Supplier<CompletionStage<T>> answer) {
    CompletionStage<T> coming;
    try {
      coming = answer.get();
    } catch (RuntimeException e) {
      call.onError(Failures.of(e));
      return;
    }
    coming.whenComplete(
        (message, failure) -> {
          if (failure != null) {
            call.onError(Failures.of(failure));
          } else {
            call.onNext(message);
            call.onCompleted();
          }
        });
  }

  /** Answers with a stream of messages, no faster than the caller reads. */
  static <T> void stream(
      StreamObserver<T> call, Materializer materializer, Supplier<Source<T, NotUsed>> answer) {
    messages(call, answer).ifPresent(messages -> GrpcStreams.serve(messages, call, materializer));
  }

  /** The same for blobs, on the dispatcher for what reads from the disk. */
  static <T> void bulk(
      StreamObserver<T> call, Materializer materializer, Supplier<Source<T, NotUsed>> answer) {
    messages(call, answer)
        .ifPresent(
            messages ->
                GrpcStreams.serve(
                    messages,
                    call,
                    QUEUED_BYTES,
                    ActorAttributes.dispatcher(BlobSource.DISPATCHER),
                    materializer));
  }

  private static <T> Optional<Source<T, NotUsed>> messages(
      StreamObserver<T> call, Supplier<Source<T, NotUsed>> answer) {
    try {
      return Optional.of(answer.get().mapError(Throwable.class, Failures::of));
    } catch (RuntimeException e) {
      call.onError(Failures.of(e));
      return Optional.empty();
    }
  }

  /** Answers a stream of requests with what a flow makes of them. */
  static <I, O> StreamObserver<I> streams(
      StreamObserver<O> call, Materializer materializer, Supplier<Flow<I, O, NotUsed>> answer) {
    Flow<I, O, NotUsed> flow;
    try {
      flow = answer.get();
    } catch (RuntimeException e) {
      call.onError(Failures.of(e));
      return new Ignored<>();
    }
    return GrpcStreams.serve(flow, call, materializer);
  }

  /** Takes what still arrives on a call that was answered already. */
  private static final class Ignored<T> implements StreamObserver<T> {
    @Override
    public void onNext(T value) {}

    @Override
    public void onError(Throwable thrown) {}

    @Override
    public void onCompleted() {}
  }
}
