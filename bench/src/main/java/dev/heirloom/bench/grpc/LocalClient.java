package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
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
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName(manifest.getName());
    RandomInputs.of(TensorSpec.ofManifest(manifest.getInputsList()))
        .forEach(
            (name, value) -> {
              ModelInferRequest.InferInputTensor.Builder tensor =
                  ModelInferRequest.InferInputTensor.newBuilder().setName(name).setDatatype("FP32");
              for (long dim : value.dims()) {
                tensor.addShape(dim);
              }
              request.addInputs(tensor).addRawInputContents(ByteString.copyFrom(value.toLittle()));
            });
    return request.build();
  }

  /** Asks again and again; the time to each answer in ns. */
  public long[] ask(ModelInferRequest request, int times) {
    long[] ns = new long[times];
    for (int i = 0; i < times; i++) {
      long begunNs = System.nanoTime();
      ModelInferResponse response =
          stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).modelInfer(request);
      ns[i] = System.nanoTime() - begunNs;
      if (response.getRawOutputContentsCount() == 0) {
        throw new IllegalStateException("the agent answered without an output");
      }
    }
    return ns;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
