package dev.heirloom.edge.link;

import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.EnrolResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.transport.grpc.GrpcStreams;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;

/** One connection to the control plane, from dialling to its loss. */
final class Session implements AutoCloseable {
  private static final long ENROL_SECONDS = 10;

  private final ManagedChannel channel;
  private final AgentsGrpc.AgentsStub stub;
  private final Materializer materializer;

  Session(ManagedChannel channel, Materializer materializer) {
    this.channel = channel;
    this.stub = AgentsGrpc.newStub(channel);
    this.materializer = materializer;
  }

  CompletionStage<EnrolResponse> enrol(EnrolRequest request) {
    return GrpcStreams.<EnrolResponse>call(
            observer ->
                stub.withDeadlineAfter(ENROL_SECONDS, TimeUnit.SECONDS).enrol(request, observer))
        .runWith(Sink.last(), materializer);
  }

  Flow<FromAgent, ToAgent, NotUsed> connect() {
    return GrpcStreams.flow(stub::connect);
  }

  BlobFetcher fetcher(String device) {
    return new GrpcBlobFetcher(stub, device, materializer);
  }

  /** Opens no more calls; those that are open go on to their end. */
  void retire() {
    channel.shutdown();
  }

  /** What a failed call says, for a person. */
  static String reason(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String said = status.getDescription();
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    Optional<String> tls =
        status.getCode() == Status.Code.UNAVAILABLE ? TlsReason.of(failure) : Optional.empty();
    if (tls.isPresent()) {
      said = tls.get();
    } else if (status.getCode() == Status.Code.UNAVAILABLE && root.getMessage() != null) {
      // The cause says what the network said, e.g. "Connection refused: /127.0.0.1:7400".
      said = root == failure ? said : root.getMessage();
    }
    String code = status.getCode().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    String text = said == null || said.isBlank() ? code : code + ": " + said;
    return text.replaceAll("\\s+", " ").strip();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
