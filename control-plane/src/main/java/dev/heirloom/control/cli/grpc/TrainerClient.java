package dev.heirloom.control.cli.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.TrainersGrpc;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkFetch;
import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOffer;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.proto.v1.WorkPublish;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.proto.v1.WorkRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** A trainer's calls to its control plane. */
public final class TrainerClient implements AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration WAIT = Duration.ofSeconds(35);
  private static final Duration PUBLISH = Duration.ofHours(6);
  private static final Duration FETCH = Duration.ofHours(6);
  private static final long LOOK_MS = 250;

  private final ControlPlaneClient plane;

  /**
   * @param plane closed with this
   */
  public TrainerClient(ControlPlaneClient plane) {
    this.plane = plane;
  }

  /** Waits for a job; empty where there was none for a while, or it is stopped meanwhile. */
  public Optional<WorkOrder> next(String trainer, BooleanSupplier stopped)
      throws ControlPlaneException, InterruptedException {
    BlockingClientCall<?, WorkOrder> call =
        stub(WAIT).work(WorkRequest.newBuilder().setTrainer(trainer).build());
    try {
      while (!stopped.getAsBoolean()) {
        try {
          return Optional.ofNullable(call.read(LOOK_MS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
          // Looked again whether to stop.
        }
      }
      return Optional.empty();
    } catch (StatusException e) {
      throw failed(e);
    } finally {
      call.cancel("no longer waiting", null);
    }
  }

  /** Says how far an attempt is. */
  public WorkAnswer report(WorkReport report) throws ControlPlaneException {
    try {
      return stub(CALL).report(report);
    } catch (StatusException e) {
      throw failed(e);
    }
  }

  /** Says that an attempt ended. */
  public WorkAnswer end(WorkEnd end) throws ControlPlaneException, InterruptedException {
    try {
      return stub(CALL).end(end);
    } catch (StatusException e) {
      throw failed(e);
    }
  }

  /**
   * Brings a file here, from the byte where an earlier try ended; one that is right stays.
   *
   * @param over whether to leave it, asked often
   * @return whether it is here; not where it was left
   */
  public boolean fetch(
      WorkLease lease, WorkFile file, Path target, LongConsumer came, BooleanSupplier over)
      throws IOException, ControlPlaneException, InterruptedException {
    if (Files.exists(target) && FileDigest.of(target).equals(file.getSha256())) {
      return true;
    }
    Files.deleteIfExists(target);
    Path part = target.resolveSibling(file.getName() + ".part");
    try (FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (channel.size() > file.getSizeBytes()) {
        channel.truncate(0);
      }
      if (!receive(lease, file, channel, came, over)) {
        return false;
      }
      channel.force(true);
    }
    if (!FileDigest.of(part).equals(file.getSha256())) {
      Files.delete(part);
      throw new IOException(file.getName() + ": what arrived is not what was asked for");
    }
    Files.move(part, target);
    return true;
  }

  private boolean receive(
      WorkLease lease, WorkFile file, FileChannel channel, LongConsumer came, BooleanSupplier over)
      throws IOException, ControlPlaneException, InterruptedException {
    long offset = channel.size();
    if (offset == file.getSizeBytes()) {
      return true;
    }
    BlobRange range =
        BlobRange.newBuilder().setSha256(file.getSha256()).setOffsetBytes(offset).build();
    BlockingClientCall<?, FetchResponse> call =
        stub(FETCH).fetch(WorkFetch.newBuilder().setLease(lease).setBlob(range).build());
    try {
      Optional<FetchResponse> next = read(call, over);
      while (next.isPresent() && !over.getAsBoolean()) {
        FetchResponse piece = next.get();
        if (piece.getOffsetBytes() != offset) {
          throw new IOException(file.getName() + ": a piece is missing");
        }
        if (piece.getContent().size() > file.getSizeBytes() - offset) {
          throw new IOException(
              file.getName() + ": more comes than its " + file.getSizeBytes() + " bytes");
        }
        ByteBuffer rest = piece.getContent().asReadOnlyByteBuffer();
        while (rest.hasRemaining()) {
          offset += channel.write(rest, offset);
        }
        came.accept(offset);
        next = read(call, over);
      }
      return !over.getAsBoolean();
    } catch (StatusException e) {
      throw failed(e);
    } finally {
      call.cancel("no longer needed", null);
    }
  }

  /** The next message; empty at the end, or where it is over before. */
  private static <T> Optional<T> read(BlockingClientCall<?, T> call, BooleanSupplier over)
      throws StatusException, InterruptedException {
    while (!over.getAsBoolean()) {
      try {
        return Optional.ofNullable(call.read(LOOK_MS, TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        // Looked again whether it is over.
      }
    }
    return Optional.empty();
  }

  /**
   * Publishes what an attempt made: its manifest and the blobs that are missing there.
   *
   * @param sent told the bytes that are there so far
   * @param over whether to leave it, asked often as long as not all is sent
   * @return whether it is published; not where it was left
   */
  public boolean publish(WorkLease lease, Family family, LongConsumer sent, BooleanSupplier over)
      throws ControlPlaneException, IOException, MalformedException, InterruptedException {
    ByteString manifest = ByteString.copyFrom(family.manifestBytes());
    try {
      List<ByteString> missing =
          stub(CALL)
              .offer(WorkOffer.newBuilder().setLease(lease).setManifest(manifest).build())
              .getMissingList();
      return publish(lease, manifest, family, missing, sent, over);
    } catch (StatusException e) {
      throw failed(e);
    }
  }

  private boolean publish(
      WorkLease lease,
      ByteString manifest,
      Family family,
      List<ByteString> missing,
      LongConsumer sent,
      BooleanSupplier over)
      throws StatusException, IOException, MalformedException, InterruptedException {
    BlockingClientCall<WorkPublish, PublishResponse> call = stub(PUBLISH).publish();
    try {
      boolean open =
          write(call, WorkPublish.newBuilder().setLease(lease).build(), over)
              && write(call, WorkPublish.newBuilder().setManifest(manifest).build(), over);
      long total = 0;
      for (Blob blob : Publication.blobs(family.manifest())) {
        if (open && missing.contains(blob.getSha256())) {
          open =
              BlobPieces.send(
                  blob,
                  family.blobs().read(blob),
                  piece -> write(call, WorkPublish.newBuilder().setPiece(piece).build(), over));
        }
        total += blob.getSizeBytes();
        sent.accept(total);
      }
      if (over.getAsBoolean()) {
        return false;
      }
      if (open) {
        call.halfClose();
      }
      PublishResponse answer = call.read();
      if (answer == null) {
        throw new IOException(
            "the control plane at " + plane.address() + " ended the call unanswered");
      }
      return true;
    } finally {
      call.cancel("over", null);
    }
  }

  /** Sends a message; false where no more are taken, or it is over before. */
  private static <T> boolean write(BlockingClientCall<T, ?> call, T message, BooleanSupplier over)
      throws StatusException, InterruptedException {
    while (!over.getAsBoolean()) {
      try {
        return call.write(message, LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // Looked again whether it is over.
      }
    }
    return false;
  }

  private TrainersGrpc.TrainersBlockingV2Stub stub(Duration limit) {
    return TrainersGrpc.newBlockingV2Stub(plane.channel())
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private ControlPlaneException failed(StatusException e) {
    // A lease is shorter than the pauses between tries would grow.
    plane.channel().resetConnectBackoff();
    return ControlPlaneException.of(plane.address(), e);
  }

  @Override
  public void close() {
    plane.close();
  }
}
