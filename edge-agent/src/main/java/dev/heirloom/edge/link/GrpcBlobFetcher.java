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
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.dispatch.Dispatchers;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.jspecify.annotations.Nullable;

/** Fetches blobs with {@code Agents.Fetch}; a few pieces are on their way while one is taken. */
public final class GrpcBlobFetcher implements BlobFetcher {
  /** gRPC puts these bytes before each message: a flag and a length. */
  private static final int FRAMING_BYTES = 5;

  /** Pieces on their way while one is written to the disk. */
  private static final int AHEAD = 8;

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
  private final Duration longestSilence;
  private final Materializer materializer;

  public GrpcBlobFetcher(AgentsGrpc.AgentsStub stub, String device, Materializer materializer) {
    this(stub, device, LONGEST_SILENCE, materializer);
  }

  GrpcBlobFetcher(
      AgentsGrpc.AgentsStub stub,
      String device,
      Duration longestSilence,
      Materializer materializer) {
    this.stub = stub;
    this.device = device;
    this.longestSilence = longestSilence;
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
    Taking taking = new Taking(pieces);
    Pair<UniqueKillSwitch, CompletionStage<Done>> transfer =
        GrpcStreams.<FetchResponse>call(observer -> stub.fetch(message, observer), AHEAD)
            .idleTimeout(longestSilence)
            .viaMat(KillSwitches.single(), Keep.right())
            .toMat(Sink.foreach(taking::take), Keep.both())
            // Taken where it arrives: a thread of its own would have to be woken for each piece.
            .withAttributes(ActorAttributes.dispatcher(Dispatchers.DefaultBlockingDispatcherId()))
            .run(materializer);
    try {
      transfer.second().toCompletableFuture().get();
    } catch (ExecutionException e) {
      taking.rethrow();
      throw failure(e, taking.pieces() > 0);
    } catch (InterruptedException e) {
      transfer.first().shutdown();
      Thread.currentThread().interrupt();
      throw new FetchInterruptedException("the agent is stopping");
    }
  }

  /** Hands pieces on, and keeps what goes wrong with that apart from what the network does. */
  private static final class Taking {
    private final Pieces pieces;
    private volatile @Nullable Exception failure;
    private volatile long taken;

    Taking(Pieces pieces) {
      this.pieces = pieces;
    }

    // One piece at a time: nobody else counts.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void take(FetchResponse piece) throws IOException, MalformedException {
      taken++;
      try {
        pieces.accept(
            piece.getIndex(),
            piece.getOffsetBytes(),
            piece.getContent(),
            piece.getSerializedSize() + FRAMING_BYTES);
      } catch (IOException | MalformedException | RuntimeException e) {
        failure = e;
        throw e;
      }
    }

    long pieces() {
      return taken;
    }

    void rethrow() throws IOException, MalformedException {
      Exception met = failure;
      if (met instanceof IOException io) {
        throw io;
      }
      if (met instanceof MalformedException malformed) {
        throw malformed;
      }
      if (met instanceof RuntimeException bug) {
        throw bug;
      }
    }
  }

  private FetchInterruptedException failure(ExecutionException failure, boolean answered)
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
            "%s for %s s"
                .formatted(
                    answered ? "slow retrieval: nothing more came" : "drop-request: nothing came",
                    longestSilence.toMillis() / 1e3));
      }
    }
    return new FetchInterruptedException(String.valueOf(failure.getMessage()));
  }
}
