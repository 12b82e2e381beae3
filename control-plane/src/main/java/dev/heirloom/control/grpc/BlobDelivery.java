package dev.heirloom.control.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.actors.delivery.BlobSource;
import dev.heirloom.actors.delivery.EgressLimit;
import dev.heirloom.actors.delivery.Piece;
import dev.heirloom.actors.delivery.Range;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.BackpressureTimeoutException;
import org.apache.pekko.stream.javadsl.Source;

/** The bytes of blobs for a call, in pieces, no faster than they are read. */
final class BlobDelivery {
  // With what gRPC holds of one, what a device costs that does not read.
  static final int PIECE_BYTES = 60 << 10;

  private static final int MAX_BLOBS = 20_000;
  private final BlobStore blobs;
  private final BlobClaims claims;
  private final Meters meters;
  private final EgressLimit egress;
  private final Duration longestPiece;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param leastBytesPerSecond what a reader takes at least; a transfer to a slower one is dropped,
   *     and goes on from there when it is asked for again
   */
  BlobDelivery(
      BlobStore blobs,
      BlobClaims claims,
      Meters meters,
      EgressLimit egress,
      long leastBytesPerSecond) {
    this.blobs = blobs;
    this.claims = claims;
    this.meters = meters;
    this.egress = egress;
    this.longestPiece = Duration.ofMillis(1 + 1000L * PIECE_BYTES / leastBytesPerSecond);
  }

  /**
   * What was asked for, once all of it is known to be there; none of it is removed until the
   * source, which is to be run, ends.
   *
   * @param reader whose share of the egress limit it takes
   */
  Source<FetchResponse, NotUsed> fetch(FetchRequest request, String reader) {
    List<Range> ranges = ranges(request);
    BlobClaims.Hold hold = claims.hold(ranges.stream().map(Range::blob).toList());
    return pieces(blobs, ranges, reader)
        .map(BlobDelivery::message)
        .watchTermination(
            (started, done) -> {
              done.whenComplete((end, failure) -> hold.close());
              return NotUsed.getInstance();
            });
  }

  /** Transfers that have begun and not ended. */
  int underWay() {
    return underWay.get();
  }

  /** The bytes of one content of a store, whole, under the same limits. */
  Source<Piece, NotUsed> whole(BlobStore store, Digest content, String reader) {
    return pieces(store, List.of(new Range(content, 0)), reader);
  }

  private Source<Piece, NotUsed> pieces(BlobStore store, List<Range> ranges, String reader) {
    return BlobSource.of(store, ranges, PIECE_BYTES, egress, reader)
        .backpressureTimeout(longestPiece)
        .mapError(BackpressureTimeoutException.class, this::dropped)
        .map(this::sent)
        .watchTermination(
            (started, done) -> {
              underWay.incrementAndGet();
              done.whenComplete((end, failure) -> underWay.decrementAndGet());
              return NotUsed.getInstance();
            });
  }

  private Piece sent(Piece piece) {
    meters.sent(piece.content().size());
    return piece;
  }

  private Throwable dropped(BackpressureTimeoutException slow) {
    meters.dropped();
    return slow;
  }

  private static FetchResponse message(Piece piece) {
    return FetchResponse.newBuilder()
        .setIndex(piece.index())
        .setOffsetBytes(piece.offsetBytes())
        // The piece's array belongs to the piece alone.
        .setContent(UnsafeByteOperations.unsafeWrap(piece.content().toArrayUnsafe()))
        .build();
  }

  private List<Range> ranges(FetchRequest request) {
    if (request.getBlobsCount() > MAX_BLOBS) {
      throw Failures.exhausted(
          "blobs", request.getBlobsCount() + " in one call (expected: at most " + MAX_BLOBS + ")");
    }
    List<Range> ranges = new ArrayList<>(request.getBlobsCount());
    for (int i = 0; i < request.getBlobsCount(); i++) {
      ranges.add(range("blobs[" + i + "]", request.getBlobs(i)));
    }
    return ranges;
  }

  private Range range(String field, BlobRange range) {
    Digest digest = Incoming.digest(field + ".sha256", range.getSha256());
    long size = size(digest);
    long offset = range.getOffsetBytes();
    if (offset < 0 || offset > size) {
      throw Failures.invalid(
          field + ".offset_bytes",
          Long.toUnsignedString(offset) + " (expected: at most its size, " + size + ")");
    }
    return new Range(digest, offset);
  }

  private long size(Digest digest) {
    try {
      return blobs.size(digest);
    } catch (NoSuchFileException e) {
      throw Failures.notFound("blob", digest.hex());
    } catch (IOException e) {
      throw Failures.of(e);
    }
  }
}
