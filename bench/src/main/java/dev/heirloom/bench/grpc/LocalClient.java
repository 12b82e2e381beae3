package dev.heirloom.bench.grpc;

import dev.heirloom.bench.RandomInputs;
import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.inference.ServerReadyRequest;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.graph.TensorSpec;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** An application on the device: asks the agent's local server, one request after the other. */
public final class LocalClient implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;

  private final ManagedChannel channel;
  private final GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;

  public LocalClient(int port) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().directExecutor().build();
    stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  /** Whether something listens on a loopback port. */
  public static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the agent says that an heir is in service. */
  public boolean ready() {
    try {
      return stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .serverReady(ServerReadyRequest.getDefaultInstance())
          .getReady();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** A request for one sample, values as raw bytes. */
  public static ModelInferRequest request(Manifest manifest) {
    return RawRequest.of(manifest, RandomInputs.of(TensorSpec.ofManifest(manifest.getInputsList())))
        .build();
  }

  /** Asks again and again and waits for each answer; the time to it in ns. */
  public long[] ask(ModelInferRequest request, int times) {
    long[] ns = new long[times];
    for (int i = 0; i < times; i++) {
      long begunNs = System.nanoTime();
      check(stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).modelInfer(request));
      ns[i] = System.nanoTime() - begunNs;
    }
    return ns;
  }

  private static void check(ModelInferResponse response) {
    if (response.getRawOutputContentsCount() == 0) {
      throw new IllegalStateException("the agent answered without an output");
    }
  }

  /**
   * The same by a client that lives in callbacks: the next request leaves from the thread that
   * brought the answer, so that no other thread of this process is waited for.
   */
  public long[] askFromCallbacks(ModelInferRequest request, int times)
      throws InterruptedException, ExecutionException {
    long[] ns = new long[times];
    CompletableFuture<long[]> done = new CompletableFuture<>();
    askFrom(0, request, ns, done);
    return done.get();
  }

  private void askFrom(
      int at, ModelInferRequest request, long[] ns, CompletableFuture<long[]> done) {
    if (at == ns.length) {
      done.complete(ns);
      return;
    }
    long begunNs = System.nanoTime();
    GRPCInferenceServiceGrpc.newStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .modelInfer(
            request,
            new StreamObserver<>() {
              @Override
              public void onNext(ModelInferResponse response) {
                check(response);
              }

              @Override
              public void onError(Throwable failure) {
                done.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                ns[at] = System.nanoTime() - begunNs;
                askFrom(at + 1, request, ns, done);
              }
            });
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
