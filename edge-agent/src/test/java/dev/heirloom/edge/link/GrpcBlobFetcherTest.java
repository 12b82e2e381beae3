package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.runtime.family.Digest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.SystemMaterializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transfers from servers that stop sending and keep the call. */
@Timeout(60)
class GrpcBlobFetcherTest {
  private static final Duration SILENCE = Duration.ofMillis(300);

  private final ActorSystem system = ActorSystem.create("fetcher-test");
  private final String address = UUID.randomUUID().toString();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(address).build();
  private final Server server;
  private volatile int pieces;

  GrpcBlobFetcherTest() throws IOException {
    server =
        InProcessServerBuilder.forName(address)
            .addService(
                new AgentsGrpc.AgentsImplBase() {
                  @Override
                  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
                    for (int i = 0; i < pieces; i++) {
                      call.onNext(
                          FetchResponse.newBuilder()
                              .setOffsetBytes(i)
                              .setContent(ByteString.copyFromUtf8("x"))
                              .build());
                    }
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    system.terminate();
  }

  private void fetch() throws Exception {
    new GrpcBlobFetcher(
            AgentsGrpc.newStub(channel),
            "cam-1",
            SILENCE,
            SystemMaterializer.get(system).materializer())
        .fetch(
            1,
            List.of(new BlobFetcher.Range(Digest.of(new byte[] {1}), 0)),
            (index, offset, content, wire) -> {});
  }

  @Test
  void aServerThatSendsNothingIsADropRequest() {
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessage("drop-request: nothing came for 0.3 s");
  }

  @Test
  void aServerThatStopsSendingIsASlowRetrieval() {
    pieces = 3;
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessage("slow retrieval: nothing more came for 0.3 s");
  }
}
