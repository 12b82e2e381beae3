package dev.heirloom.transport.grpc;

import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.javadsl.AsPublisher;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.TestEnvironment;

/**
 * Calls of one process to itself whose ends are publishers and subscribers, for the Reactive
 * Streams TCK. Numbers travel as messages.
 */
final class VerifiedCalls {
  private static final long PATIENCE_MS = 1000;
  private static final long SILENCE_MS = 100;

  private final ActorSystem system = ActorSystem.create("tck");

  static TestEnvironment environment() {
    return new TestEnvironment(PATIENCE_MS, SILENCE_MS);
  }

  Materializer materializer() {
    return SystemMaterializer.get(system).materializer();
  }

  void close() {
    system.terminate();
  }

  /** What answers fetches and connections. */
  private static ManagedChannel channel(AgentsGrpc.AgentsImplBase service) {
    String name = UUID.randomUUID().toString();
    try {
      Server server = InProcessServerBuilder.forName(name).addService(service).build().start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    channel.shutdownNow();
                    server.shutdownNow();
                  }));
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Source<FetchResponse, NotUsed> pieces(long elements) {
    return Source.from(() -> LongStream.range(0, elements).iterator())
        .map(number -> FetchResponse.newBuilder().setOffsetBytes(number).build());
  }

  /** Numbers that a server sends in answer to one request. */
  Publisher<Long> answers(long elements, int ahead) {
    return answers(pieces(elements), ahead);
  }

  /** An answer that is a failure. */
  Publisher<Long> failedAnswer(int ahead) {
    return answers(Source.failed(new IllegalStateException("as the test wants it")), ahead);
  }

  private Publisher<Long> answers(Source<FetchResponse, NotUsed> source, int ahead) {
    AgentsGrpc.AgentsStub stub =
        AgentsGrpc.newStub(
            channel(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
                    GrpcStreams.serve(source, call, materializer());
                  }
                }));
    return GrpcStreams.<FetchResponse>call(
            observer -> stub.fetch(FetchRequest.getDefaultInstance(), observer), ahead)
        .map(FetchResponse::getOffsetBytes)
        .runWith(Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), materializer());
  }

  /** Numbers that a client sends, as its server takes them. */
  Publisher<Long> requests(long elements) {
    CompletableFuture<Publisher<Long>> taken = new CompletableFuture<>();
    AgentsGrpc.AgentsStub stub =
        AgentsGrpc.newStub(
            channel(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> call) {
                    GrpcStreams.Inbound<FromAgent> inbound =
                        GrpcStreams.inbound((ServerCallStreamObserver<ToAgent>) call);
                    taken.complete(
                        inbound
                            .source()
                            .map(message -> (long) message.getHello().getServingRung())
                            .runWith(Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), materializer()));
                    return inbound.observer();
                  }
                }));
    Source.from(() -> LongStream.range(0, elements).iterator())
        .map(number -> InProcessCalls.hello((int) (long) number))
        .via(GrpcStreams.flow(stub::connect))
        .runWith(Sink.ignore(), materializer());
    return taken.join();
  }

  /** The writing end of an answer whose reader takes everything. */
  Subscriber<Long> answering() {
    CompletableFuture<Subscriber<Long>> writing = new CompletableFuture<>();
    Source<FetchResponse, ?> source =
        Source.<Long>asSubscriber()
            .mapMaterializedValue(
                subscriber -> {
                  writing.complete(subscriber);
                  return NotUsed.getInstance();
                })
            .map(number -> FetchResponse.newBuilder().setOffsetBytes(number).build());
    AgentsGrpc.AgentsStub stub =
        AgentsGrpc.newStub(
            channel(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
                    GrpcStreams.serve(source, call, materializer());
                  }
                }));
    GrpcStreams.<FetchResponse>call(
            observer -> stub.fetch(FetchRequest.getDefaultInstance(), observer))
        .runWith(Sink.ignore(), materializer());
    return writing.join();
  }

  /**
   * A call that gives each number back. A call carries a status in the place of a failure: the
   * failure that went in is put back where its status comes out.
   */
  Flow<Long, Long, NotUsed> echo() {
    AgentsGrpc.AgentsStub stub =
        AgentsGrpc.newStub(
            channel(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> call) {
                    return GrpcStreams.serve(
                        Flow.<FromAgent>create()
                            .map(
                                message ->
                                    ToAgent.newBuilder()
                                        .setDesired(
                                            Desired.newBuilder()
                                                .setRung(message.getHello().getServingRung()))
                                        .build()),
                        call,
                        materializer());
                  }
                }));
    AtomicReference<Throwable> wentIn = new AtomicReference<>();
    return Flow.<Long>create()
        .mapError(
            Throwable.class,
            failure -> {
              wentIn.set(failure);
              return failure;
            })
        .map(number -> InProcessCalls.hello((int) (long) number))
        .via(GrpcStreams.flow(stub::connect))
        .map(message -> (long) message.getDesired().getRung())
        .mapError(
            StatusRuntimeException.class, status -> wentIn.get() == null ? status : wentIn.get());
  }
}
