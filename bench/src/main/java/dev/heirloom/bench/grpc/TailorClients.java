package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.ModelsGrpc;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.TailorResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Clients that ask for one tailored heir, each over a connection of its own. */
public final class TailorClients implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 300;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final RecommendRequest request;

  /**
   * @param family to choose from; no limit is asked for, so that all get the largest rung
   */
  public TailorClients(int port, int clients, String family) {
    for (int i = 0; i < clients; i++) {
      channels.add(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build());
    }
    request =
        RecommendRequest.newBuilder()
            .setFamily(family)
            .setProfile(DeviceProfile.newBuilder().setDeviceClass("bench").setCores(2))
            .build();
  }

  /** Connects every client, so that only answers are measured. */
  public void connect() {
    channels.forEach(
        channel -> ModelsGrpc.newBlockingStub(channel).withWaitForReady().recommend(request));
  }

  /** What one client got. */
  public record Heir(int rung, ByteString onnx, double firstByteMs) {}

  /** All clients ask at once; each heir when all have come. */
  public List<Heir> askAtOnce() throws Exception {
    List<Answer> answers = channels.stream().map(this::ask).toList();
    List<Heir> heirs = new ArrayList<>();
    for (Answer answer : answers) {
      heirs.add(answer.heir.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
    return heirs;
  }

  /** The first client asks alone. */
  public Heir askAgain() throws Exception {
    return ask(channels.get(0)).heir.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private Answer ask(ManagedChannel channel) {
    Answer answer = new Answer();
    ModelsGrpc.newStub(channel).tailor(request, answer);
    return answer;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private static final class Answer implements StreamObserver<TailorResponse> {
    private final CompletableFuture<Heir> heir = new CompletableFuture<>();
    private final long begunNs = System.nanoTime();
    private final List<ByteString> pieces = new ArrayList<>();
    private int rung;
    private double firstByteMs;

    @Override
    public void onNext(TailorResponse message) {
      if (message.hasRecommendation()) {
        rung = message.getRecommendation().getRung();
      }
      if (message.hasContent()) {
        if (pieces.isEmpty()) {
          firstByteMs = (System.nanoTime() - begunNs) / 1e6;
        }
        pieces.add(message.getContent());
      }
    }

    @Override
    public void onError(Throwable failure) {
      heir.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      heir.complete(new Heir(rung, ByteString.copyFrom(pieces), firstByteMs));
    }
  }
}
