package dev.heirloom.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.testkit.TestSubscriber;
import org.apache.pekko.stream.testkit.javadsl.TestSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServerStreamTest {

  @Test
  void deliversEveryElementInOrderAndCompletes() throws Exception {
    try (InProcessCalls calls =
        InProcessCalls.fetching(Source.range(0, 999).map(InProcessCalls::piece))) {
      List<FetchResponse> received =
          calls.fetch().runWith(Sink.seq(), calls.system()).toCompletableFuture().get();
      assertThat(received)
          .extracting(FetchResponse::getIndex)
          .isEqualTo(IntStream.range(0, 1000).boxed().toList());
    }
  }

  @Test
  void stalledReaderCostsABoundedNumberOfMessages() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Source<FetchResponse, ?> endless =
        Source.repeat(0).map(zero -> InProcessCalls.piece(made.getAndIncrement()));
    try (InProcessCalls calls = InProcessCalls.fetching(endless)) {
      TestSubscriber.Probe<FetchResponse> reader =
          calls.fetch().runWith(TestSink.create(calls.system()), calls.system());
      reader.request(5);
      reader.expectNextN(5);
      reader.expectNoMessage(scala.concurrent.duration.Duration.create(200, TimeUnit.MILLISECONDS));
      assertThat(made).hasValueLessThan(5 + 64);
      reader.cancel();
    }
  }

  private static Source<FetchResponse, NotUsed> fetchedAhead(InProcessCalls calls, int ahead) {
    return GrpcStreams.call(
        observer -> calls.stub().fetch(FetchRequest.getDefaultInstance(), observer), ahead);
  }

  @Test
  void aReaderThatAsksAheadGetsEveryElementInOrder() throws Exception {
    try (InProcessCalls calls =
        InProcessCalls.fetching(Source.range(0, 999).map(InProcessCalls::piece))) {
      List<FetchResponse> received =
          fetchedAhead(calls, 8).runWith(Sink.seq(), calls.system()).toCompletableFuture().get();
      assertThat(received)
          .extracting(FetchResponse::getIndex)
          .isEqualTo(IntStream.range(0, 1000).boxed().toList());
    }
  }

  @Test
  void whatCameAheadIsReadAfterTheCallHasEnded() throws Exception {
    try (InProcessCalls calls =
        InProcessCalls.fetching(Source.range(0, 4).map(InProcessCalls::piece))) {
      TestSubscriber.Probe<FetchResponse> reader =
          fetchedAhead(calls, 8).runWith(TestSink.create(calls.system()), calls.system());
      reader.request(1);
      assertThat(reader.expectNext().getIndex()).isZero();
      reader.expectNoMessage(scala.concurrent.duration.Duration.create(100, TimeUnit.MILLISECONDS));
      reader.request(9);
      for (int index = 1; index <= 4; index++) {
        assertThat(reader.expectNext().getIndex()).isEqualTo(index);
      }
      reader.expectComplete();
    }
  }

  @Test
  void aReaderThatAsksAheadAndStallsHoldsNoMoreThanItAskedFor() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Source<FetchResponse, ?> endless =
        Source.repeat(0).map(zero -> InProcessCalls.piece(made.getAndIncrement()));
    try (InProcessCalls calls = InProcessCalls.fetching(endless)) {
      TestSubscriber.Probe<FetchResponse> reader =
          fetchedAhead(calls, 8).runWith(TestSink.create(calls.system()), calls.system());
      reader.request(5);
      reader.expectNextN(5);
      reader.expectNoMessage(scala.concurrent.duration.Duration.create(200, TimeUnit.MILLISECONDS));
      assertThat(made).hasValueLessThan(5 + 8 + 64);
      reader.cancel();
    }
    assertThatThrownBy(() -> GrpcStreams.<FetchResponse>call(observer -> {}, -1))
        .hasMessage("ahead: -1 (expected: 0 or more)");
  }

  @Test
  void rawReaderThatAsksForThreeGetsThree() throws Exception {
    LinkedBlockingQueue<FetchResponse> received = new LinkedBlockingQueue<>();
    AtomicInteger made = new AtomicInteger();
    try (InProcessCalls calls =
        InProcessCalls.fetching(
            Source.repeat(0).map(zero -> InProcessCalls.piece(made.getAndIncrement())))) {
      CompletableFuture<ClientCallStreamObserver<FetchRequest>> started = new CompletableFuture<>();
      calls
          .stub()
          .fetch(
              FetchRequest.getDefaultInstance(),
              new ClientResponseObserver<FetchRequest, FetchResponse>() {
                @Override
                public void beforeStart(ClientCallStreamObserver<FetchRequest> requests) {
                  requests.disableAutoRequestWithInitial(3);
                  started.complete(requests);
                }

                @Override
                public void onNext(FetchResponse value) {
                  received.add(value);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
              });
      for (int i = 0; i < 3; i++) {
        assertThat(received.poll(5, TimeUnit.SECONDS)).isNotNull();
      }
      assertThat(received.poll(200, TimeUnit.MILLISECONDS)).isNull();
      assertThat(made).hasValueLessThanOrEqualTo(5);
      started.get().cancel("enough", null);
    }
  }

  @Test
  void readerThatCancelsStopsTheSource() throws Exception {
    CompletableFuture<Done> ended = new CompletableFuture<>();
    Source<FetchResponse, ?> endless =
        Source.repeat(0)
            .map(InProcessCalls::piece)
            .watchTermination(
                (value, termination) -> {
                  termination.whenComplete((done, failure) -> ended.complete(Done.getInstance()));
                  return value;
                });
    try (InProcessCalls calls = InProcessCalls.fetching(endless)) {
      calls.fetch().take(3).runWith(Sink.ignore(), calls.system()).toCompletableFuture().get();
      assertThat(ended).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void failureOfTheSourceReachesTheReaderWithItsStatus() throws Exception {
    Source<FetchResponse, ?> failing =
        Source.range(0, 5)
            .map(
                index -> {
                  if (index == 5) {
                    throw Status.NOT_FOUND.withDescription("no such blob").asRuntimeException();
                  }
                  return InProcessCalls.piece(index);
                });
    try (InProcessCalls calls = InProcessCalls.fetching(failing)) {
      AtomicInteger received = new AtomicInteger();
      CompletableFuture<Done> end =
          calls
              .fetch()
              .runForeach(piece -> received.incrementAndGet(), calls.system())
              .toCompletableFuture();
      assertThatThrownBy(end::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("NOT_FOUND: no such blob");
      assertThat(received).hasValue(5);
    }
  }

  @Test
  void stoppingTheStreamsEndsTheCall() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    try (InProcessCalls calls =
        InProcessCalls.fetching(Source.single(InProcessCalls.piece(0)).concat(Source.maybe()))) {
      CompletableFuture<Status> status = new CompletableFuture<>();
      calls
          .stub()
          .fetch(
              FetchRequest.getDefaultInstance(),
              new StreamObserver<FetchResponse>() {
                @Override
                public void onNext(FetchResponse value) {
                  first.countDown();
                }

                @Override
                public void onError(Throwable failure) {
                  status.complete(Status.fromThrowable(failure));
                }

                @Override
                public void onCompleted() {}
              });
      assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
      calls.system().terminate();
      assertThat(status.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void refusesAnObserverThatIsNoServerCall() {
    StreamObserver<FetchResponse> plain =
        new StreamObserver<>() {
          @Override
          public void onNext(FetchResponse value) {}

          @Override
          public void onError(Throwable failure) {}

          @Override
          public void onCompleted() {}
        };
    try (InProcessCalls calls = InProcessCalls.fetching(Source.empty())) {
      assertThatThrownBy(
              () -> GrpcStreams.serve(Source.<FetchResponse>empty(), plain, calls.materializer()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("service method");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
