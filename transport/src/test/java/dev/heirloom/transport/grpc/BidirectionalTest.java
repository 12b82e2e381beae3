package dev.heirloom.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.testkit.TestPublisher;
import org.apache.pekko.stream.testkit.TestSubscriber;
import org.apache.pekko.stream.testkit.javadsl.TestSink;
import org.apache.pekko.stream.testkit.javadsl.TestSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BidirectionalTest {
  private static final Flow<FromAgent, ToAgent, ?> ECHO =
      Flow.<FromAgent>create()
          .map(
              message ->
                  ToAgent.newBuilder()
                      .setDesired(Desired.newBuilder().setRung(message.getHello().getServingRung()))
                      .build());

  @Test
  void answersEveryRequestAndCompletesAfterTheLast() throws Exception {
    try (InProcessCalls calls = InProcessCalls.connecting(ECHO)) {
      List<ToAgent> answers =
          Source.range(1, 500)
              .map(InProcessCalls::hello)
              .via(calls.connect())
              .runWith(Sink.seq(), calls.system())
              .toCompletableFuture()
              .get();
      assertThat(answers).hasSize(500);
      assertThat(answers.get(499).getDesired().getRung()).isEqualTo(500);
    }
  }

  @Test
  void halfClosedCallStillReceives() throws Exception {
    Flow<FromAgent, ToAgent, ?> counting =
        Flow.<FromAgent>create()
            .fold(0, (count, message) -> count + 1)
            .map(
                count ->
                    ToAgent.newBuilder().setDesired(Desired.newBuilder().setRung(count)).build());
    try (InProcessCalls calls = InProcessCalls.connecting(counting)) {
      ToAgent answer =
          Source.range(1, 20)
              .map(InProcessCalls::hello)
              .via(calls.connect())
              .runWith(Sink.head(), calls.system())
              .toCompletableFuture()
              .get();
      assertThat(answer.getDesired().getRung()).isEqualTo(20);
    }
  }

  @Test
  void slowServerHoldsTheCallerBack() throws Exception {
    Flow<FromAgent, ToAgent, ?> deaf = Flow.fromSinkAndSource(Sink.never(), Source.maybe());
    AtomicInteger sent = new AtomicInteger();
    try (InProcessCalls calls = InProcessCalls.connecting(deaf)) {
      TestSubscriber.Probe<ToAgent> answers =
          Source.repeat(1)
              .map(
                  one -> {
                    sent.incrementAndGet();
                    return InProcessCalls.hello(one);
                  })
              .via(calls.connect())
              .runWith(TestSink.create(calls.system()), calls.system());
      answers.request(1);
      answers.expectNoMessage();
      assertThat(sent).hasValueLessThan(64);
      answers.cancel();
    }
  }

  @Test
  void callerThatLeavesCancelsTheServersStream() throws Exception {
    CompletableFuture<Done> ended = new CompletableFuture<>();
    Flow<FromAgent, ToAgent, ?> watched =
        ECHO.watchTermination(
            (value, termination) -> {
              termination.whenComplete((done, failure) -> ended.complete(Done.getInstance()));
              return value;
            });
    try (InProcessCalls calls = InProcessCalls.connecting(watched)) {
      Pair<TestPublisher.Probe<FromAgent>, TestSubscriber.Probe<ToAgent>> caller =
          TestSource.<FromAgent>create(calls.system())
              .via(calls.connect())
              .toMat(TestSink.create(calls.system()), Keep.both())
              .run(calls.system());
      caller.second().request(1);
      caller.first().sendNext(InProcessCalls.hello(1));
      caller.second().expectNext();
      caller.second().cancel();
      assertThat(ended).succeedsWithin(Duration.ofSeconds(10));
      caller.first().expectCancellation();
    }
  }

  @Test
  void failureOfTheCallersRequestsCancelsTheServersStream() throws Exception {
    CompletableFuture<Done> ended = new CompletableFuture<>();
    Flow<FromAgent, ToAgent, ?> watched =
        ECHO.watchTermination(
            (value, termination) -> {
              termination.whenComplete((done, failure) -> ended.complete(Done.getInstance()));
              return value;
            });
    try (InProcessCalls calls = InProcessCalls.connecting(watched)) {
      CompletableFuture<Done> end =
          Source.single(InProcessCalls.hello(1))
              .concatLazy(Source.failed(new IllegalStateException("sensor lost")))
              .via(calls.connect())
              .runWith(Sink.ignore(), calls.system())
              .toCompletableFuture();
      assertThatThrownBy(end::get)
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("CANCELLED");
      assertThat(ended).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void failureOfTheServersStreamReachesTheCallerAndStopsItsRequests() throws Exception {
    Flow<FromAgent, ToAgent, ?> failing =
        ECHO.map(
            answer -> {
              throw Status.FAILED_PRECONDITION.withDescription("enrol first").asRuntimeException();
            });
    try (InProcessCalls calls = InProcessCalls.connecting(failing)) {
      Pair<TestPublisher.Probe<FromAgent>, TestSubscriber.Probe<ToAgent>> caller =
          TestSource.<FromAgent>create(calls.system())
              .via(calls.connect())
              .toMat(TestSink.create(calls.system()), Keep.both())
              .run(calls.system());
      caller.second().request(1);
      caller.first().sendNext(InProcessCalls.hello(1));
      assertThat(caller.second().expectError()).hasMessageContaining("enrol first");
      caller.first().expectCancellation();
    }
  }

  @Test
  void serverThatCompletesEndsTheCallersRequests() throws Exception {
    Flow<FromAgent, ToAgent, ?> one = ECHO.take(1);
    try (InProcessCalls calls = InProcessCalls.connecting(one)) {
      Pair<TestPublisher.Probe<FromAgent>, TestSubscriber.Probe<ToAgent>> caller =
          TestSource.<FromAgent>create(calls.system())
              .via(calls.connect())
              .toMat(TestSink.create(calls.system()), Keep.both())
              .run(calls.system());
      caller.second().request(2);
      caller.first().sendNext(InProcessCalls.hello(7));
      assertThat(caller.second().expectNext().getDesired().getRung()).isEqualTo(7);
      caller.second().expectComplete();
      caller.first().expectCancellation();
    }
  }
}
