package dev.heirloom.actors.delivery;

import dev.heirloom.runtime.family.BlobStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/** A stream of blob bytes in which nothing is read before it is asked for. */
public final class BlobSource {

  /** Name of the dispatcher, defined in this module's configuration, for reading blobs. */
  public static final String DISPATCHER = "heirloom.blob-io-dispatcher";

  private static final int MOST_PIECE_BYTES = 1 << 24;

  private BlobSource() {}

  /**
   * Streams the ranges in the order given; a range that starts at its blob's end yields no piece.
   *
   * <p>The stream fails with an {@link IOException} when a blob is missing, or shorter than its
   * offset. It holds one open channel and one piece at a time, and closes the channel when it ends,
   * fails or is cancelled.
   *
   * @param store where the blobs are
   * @param ranges what to read
   * @param pieceBytes size of every piece of a blob but its last, 1..16 MiB
   * @param blocking runs the reads
   */
  public static Source<Piece, NotUsed> of(
      BlobStore store, List<Range> ranges, int pieceBytes, Executor blocking) {
    if (pieceBytes < 1 || pieceBytes > MOST_PIECE_BYTES) {
      throw new IllegalArgumentException(
          "pieceBytes: " + pieceBytes + " (expected: 1.." + MOST_PIECE_BYTES + ")");
    }
    List<Range> copy = List.copyOf(ranges);
    return Source.unfoldResourceAsync(
        () -> CompletableFuture.completedFuture(new BlobReader(store, copy, pieceBytes)),
        reader -> on(blocking, reader::next),
        reader ->
            on(
                blocking,
                () -> {
                  reader.close();
                  return Done.getInstance();
                }));
  }

  private static <T> CompletionStage<T> on(Executor blocking, Reading<T> reading) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return reading.run();
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        blocking);
  }

  /** Something that reads. */
  private interface Reading<T> {
    T run() throws IOException;
  }
}
