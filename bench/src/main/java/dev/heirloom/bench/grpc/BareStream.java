package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * grpc-java alone: one message again and again, whenever the call is ready, to a reader that
 * counts.
 */
public final class BareStream extends AgentsGrpc.AgentsImplBase implements AutoCloseable {
  private final FetchResponse message;
  private final long messages;
  private final Server server;

  public BareStream(int messageBytes, long bytes) throws IOException {
    message =
        FetchResponse.newBuilder().setContent(ByteString.copyFrom(new byte[messageBytes])).build();
    messages = bytes / messageBytes;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .build()
            .start();
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
    ServerCallStreamObserver<FetchResponse> server = (ServerCallStreamObserver<FetchResponse>) call;
    server.setOnReadyHandler(
        new Runnable() {
          private long sent;

          @Override
          public void run() {
            while (sent < messages && server.isReady()) {
              server.onNext(message);
              if (++sent == messages) {
                server.onCompleted();
              }
            }
          }
        });
  }

  /** Seconds of one stream. */
  public double seconds() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      CompletableFuture<Long> done = new CompletableFuture<>();
      long startNs = System.nanoTime();
      AgentsGrpc.newStub(channel)
          .fetch(
              FetchRequest.getDefaultInstance(),
              new StreamObserver<>() {
                private long bytes;

                @Override
                public void onNext(FetchResponse value) {
                  bytes += value.getContent().size();
                }

                @Override
                public void onError(Throwable failure) {
                  done.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {
                  done.complete(bytes);
                }
              });
      long expected = messages * message.getContent().size();
      if (done.get(5, TimeUnit.MINUTES) != expected) {
        throw new IllegalStateException("bytes: " + done.get() + " (expected: " + expected + ")");
      }
      return (System.nanoTime() - startNs) / 1e9;
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
