package dev.heirloom.bench.grpc;

import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A device that asks for blobs and never for a message. */
public final class StalledDevice implements AutoCloseable {
  private final ManagedChannel channel;

  private StalledDevice(ManagedChannel channel) {
    this.channel = channel;
  }

  /** Asks a control plane on this machine for blobs. */
  public static StalledDevice asking(int port, List<Blob> blobs) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    FetchRequest.Builder request = FetchRequest.newBuilder().setDevice("stalled");
    blobs.forEach(blob -> request.addBlobs(BlobRange.newBuilder().setSha256(blob.getSha256())));
    AgentsGrpc.newStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(10, TimeUnit.MINUTES)
        .fetch(
            request.build(),
            new ClientResponseObserver<FetchRequest, FetchResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<FetchRequest> call) {
                call.disableAutoRequestWithInitial(0);
              }

              @Override
              public void onNext(FetchResponse value) {
                throw new IllegalStateException("a message that was not asked for");
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onCompleted() {}
            });
    return new StalledDevice(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
