package dev.heirloom.edge.link;

import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.transport.grpc.GrpcStreams;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.StreamConverters;

/**
 * Fetches blobs with {@code Agents.Fetch}; a piece is asked for when the one before has been taken.
 */
final class GrpcBlobFetcher implements BlobFetcher {
  /** gRPC puts these bytes before each message: a flag and a length. */
  private static final int FRAMING_BYTES = 5;

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  /** Of the codes with which a call can end, those that another try would only repeat. */
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.PERMISSION_DENIED,
          Status.Code.UNAUTHENTICATED,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.OUT_OF_RANGE,
          Status.Code.UNIMPLEMENTED,
          Status.Code.DATA_LOSS);

  private final AgentsGrpc.AgentsStub stub;
  private final String device;
  private final Materializer materializer;

  GrpcBlobFetcher(AgentsGrpc.AgentsStub stub, String device, Materializer materializer) {
    this.stub = stub;
    this.device = device;
    this.materializer = materializer;
  }

  @Override
  public void fetch(long decision, List<Range> ranges, Pieces pieces)
      throws FetchInterruptedException, FetchRefusedException, IOException, MalformedException {
    FetchRequest.Builder request =
        FetchRequest.newBuilder().setDevice(device).setDecision(decision);
    for (Range range : ranges) {
      request.addBlobs(
          BlobRange.newBuilder()
              .setSha256(range.digest().bytes())
              .setOffsetBytes(range.offsetBytes()));
    }
    FetchRequest message = request.build();
    try (Stream<FetchResponse> responses =
        GrpcStreams.<FetchResponse>call(observer -> stub.fetch(message, observer))
            .idleTimeout(LONGEST_SILENCE)
            .runWith(
                StreamConverters.<FetchResponse>asJavaStream()
                    .withAttributes(Attributes.inputBuffer(1, 1)),
                materializer)) {
      Iterator<FetchResponse> arriving = responses.iterator();
      while (hasNext(arriving)) {
        FetchResponse piece = arriving.next();
        pieces.accept(
            piece.getIndex(),
            piece.getOffsetBytes(),
            piece.getContent(),
            piece.getSerializedSize() + FRAMING_BYTES);
      }
    }
  }

  /** Only this waits for the network, so only this fails with the network's failures. */
  private static boolean hasNext(Iterator<FetchResponse> arriving)
      throws FetchInterruptedException, FetchRefusedException {
    try {
      return arriving.hasNext();
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  private static FetchInterruptedException failure(RuntimeException failure)
      throws FetchRefusedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StatusRuntimeException || cause instanceof StatusException) {
        String reason = Session.reason(cause);
        if (REFUSALS.contains(Status.fromThrowable(cause).getCode())) {
          throw new FetchRefusedException(reason);
        }
        return new FetchInterruptedException(reason);
      }
      if (cause instanceof TimeoutException) {
        return new FetchInterruptedException(
            "nothing came for " + LONGEST_SILENCE.toSeconds() + " s");
      }
    }
    return new FetchInterruptedException(String.valueOf(failure.getMessage()));
  }
}
