package dev.heirloom.actors.delivery;

import dev.heirloom.runtime.family.BlobStore;
import java.io.IOException;
import java.util.List;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/** A stream of blob bytes in which nothing is read before it is asked for. */
public final class BlobSource {

  /** Name of the dispatcher, defined in this module's configuration, for reading blobs. */
  public static final String DISPATCHER = "heirloom.blob-io-dispatcher";

  private static final int MOST_PIECE_BYTES = 1 << 24;

  private BlobSource() {}

  /**
   * Streams the ranges in the order given, as fast as they are asked for; a range that starts at
   * its blob's end yields no piece. Reads block: the stream belongs on {@link #DISPATCHER}.
   *
   * <p>The stream fails with an {@link IOException} when a blob is missing, or shorter than its
   * offset. It holds one open channel and no piece, and closes the channel when it ends, fails or
   * is cancelled.
   *
   * @param store where the blobs are
   * @param ranges what to read
   * @param pieceBytes size of every piece of a blob but its last, 1..16 MiB
   */
  public static Source<Piece, NotUsed> of(BlobStore store, List<Range> ranges, int pieceBytes) {
    return of(store, ranges, pieceBytes, EgressLimit.none(), "");
  }

  /**
   * The same no faster than a limit allows: a piece is read when its turn has come.
   *
   * @param reader whose share of the limit it takes
   */
  public static Source<Piece, NotUsed> of(
      BlobStore store, List<Range> ranges, int pieceBytes, EgressLimit limit, String reader) {
    if (pieceBytes < 1 || pieceBytes > MOST_PIECE_BYTES) {
      throw new IllegalArgumentException(
          "pieceBytes: " + pieceBytes + " (expected: 1.." + MOST_PIECE_BYTES + ")");
    }
    List<Range> copy = List.copyOf(ranges);
    return Source.fromGraph(
        new BlobStage(() -> new BlobReader(store, copy, pieceBytes), () -> limit.to(reader)));
  }
}
