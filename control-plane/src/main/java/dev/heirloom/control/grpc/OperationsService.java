package dev.heirloom.control.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.control.store.Backup;
import dev.heirloom.proto.v1.BackupRequest;
import dev.heirloom.proto.v1.BackupResponse;
import dev.heirloom.proto.v1.OperationsGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/** The calls that keep a control plane itself going. */
final class OperationsService extends OperationsGrpc.OperationsImplBase {
  private static final int QUEUED_PIECES = 4;

  private final Backup backup;
  private final Executor blocking;
  private final Materializer materializer;
  private final Semaphore places = new Semaphore(1);

  OperationsService(Backup backup, Executor blocking, Materializer materializer) {
    this.backup = backup;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  @Override
  public void backup(BackupRequest request, StreamObserver<BackupResponse> call) {
    Answers.stream(call, materializer, this::backup);
  }

  private Source<BackupResponse, NotUsed> backup() {
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent backups", "one is being taken; try again when it has ended");
    }
    return Source.<ByteString>queue(QUEUED_PIECES, OverflowStrategy.backpressure())
        .mapMaterializedValue(
            queue -> {
              begin(queue);
              return NotUsed.getInstance();
            })
        .map(
            piece ->
                BackupResponse.newBuilder()
                    .setContent(UnsafeByteOperations.unsafeWrap(piece.toArrayUnsafe()))
                    .build());
  }

  /**
   * The place is given back when nothing is written any more, and before the caller knows: one that
   * goes away ends the stream earlier.
   */
  private void begin(SourceQueueWithComplete<ByteString> queue) {
    try {
      blocking.execute(
          () -> {
            Optional<Throwable> failure = write(queue);
            places.release();
            failure.ifPresentOrElse(queue::fail, queue::complete);
          });
    } catch (RejectedExecutionException e) {
      places.release();
      throw e;
    }
  }

  private Optional<Throwable> write(SourceQueueWithComplete<ByteString> queue) {
    try {
      backup.write(new PieceStream(queue, BlobDelivery.PIECE_BYTES));
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of(e);
    }
  }
}
