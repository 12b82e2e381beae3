package dev.heirloom.control.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.control.store.Backup;
import dev.heirloom.proto.v1.BackupRequest;
import dev.heirloom.proto.v1.BackupResponse;
import dev.heirloom.proto.v1.OperationsGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
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
              blocking.execute(() -> write(queue));
              return NotUsed.getInstance();
            })
        .map(
            piece ->
                BackupResponse.newBuilder()
                    .setContent(UnsafeByteOperations.unsafeWrap(piece.toArrayUnsafe()))
                    .build())
        .watchTermination(
            (started, done) -> {
              done.whenComplete((end, failure) -> places.release());
              return NotUsed.getInstance();
            });
  }

  private void write(SourceQueueWithComplete<ByteString> queue) {
    try {
      backup.write(new PieceStream(queue, BlobDelivery.PIECE_BYTES));
      queue.complete();
    } catch (IOException | RuntimeException e) {
      queue.fail(e);
    }
  }
}
