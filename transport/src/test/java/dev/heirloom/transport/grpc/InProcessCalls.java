package dev.heirloom.transport.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.UUID;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Source;

/**
 * A server whose two streaming calls are answered by streams that a test gives it, and a channel to
 * it.
 */
final class InProcessCalls implements AutoCloseable {
  private final ActorSystem system = ActorSystem.create("transport-test");
  private final Server server;
  private final ManagedChannel channel;

  private InProcessCalls(Source<FetchResponse, ?> fetch, Flow<FromAgent, ToAgent, ?> connect)
      throws IOException {
    String name = UUID.randomUUID().toString();
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
                    GrpcStreams.serve(fetch, call, materializer());
                  }

                  @Override
                  public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> call) {
                    return GrpcStreams.serve(connect, call, materializer());
                  }
                })
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  static InProcessCalls fetching(Source<FetchResponse, ?> fetch) throws IOException {
    return new InProcessCalls(
        fetch, Flow.<FromAgent>create().map(m -> ToAgent.getDefaultInstance()));
  }

  static InProcessCalls connecting(Flow<FromAgent, ToAgent, ?> connect) throws IOException {
    return new InProcessCalls(Source.empty(), connect);
  }

  Materializer materializer() {
    return SystemMaterializer.get(system).materializer();
  }

  ActorSystem system() {
    return system;
  }

  AgentsGrpc.AgentsStub stub() {
    return AgentsGrpc.newStub(channel);
  }

  Source<FetchResponse, ?> fetch() {
    return GrpcStreams.call(observer -> stub().fetch(FetchRequest.getDefaultInstance(), observer));
  }

  Flow<FromAgent, ToAgent, ?> connect() {
    return GrpcStreams.flow(stub()::connect);
  }

  static FetchResponse piece(int index) {
    return FetchResponse.newBuilder()
        .setIndex(index)
        .setContent(ByteString.copyFrom(new byte[1024]))
        .build();
  }

  static FromAgent hello(int number) {
    return FromAgent.newBuilder().setHello(Hello.newBuilder().setServingRung(number)).build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    system.terminate();
  }
}
