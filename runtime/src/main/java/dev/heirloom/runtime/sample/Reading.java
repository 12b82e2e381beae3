package dev.heirloom.runtime.sample;

import java.nio.file.Path;

/**
 * How sample files are read.
 *
 * @param heapBytes an array of at most so many bytes is kept on the heap, a larger one in a mapped
 *     file
 * @param pieceBytes of one mapped piece at most
 * @param directory for files with what had to be unpacked; they vanish with the program
 * @param listener hears how reading goes on
 */
public record Reading(long heapBytes, int pieceBytes, Path directory, Listener listener) {

  private static final long MOST_HEAP_BYTES = 64L << 20;

  /** Hears how reading goes on. */
  public interface Listener {
    /**
     * Reading has got further; may end it by throwing a {@code CancellationException}.
     *
     * @param done bytes or files
     * @param total of them
     */
    void read(long done, long total);
  }

  public Reading {
    if (heapBytes < 0 || pieceBytes < 1) {
      throw new IllegalArgumentException(
          "heapBytes, pieceBytes: %d, %d (expected: 0 or more, 1 or more)"
              .formatted(heapBytes, pieceBytes));
    }
  }

  /** Small arrays on the heap; larger ones mapped, unpacked into the system's directory. */
  public static Reading heardBy(Listener listener) {
    return new Reading(
        Math.min(MOST_HEAP_BYTES, Runtime.getRuntime().maxMemory() / 16),
        Rows.PIECE_BYTES,
        Path.of(System.getProperty("java.io.tmpdir", ".")),
        listener);
  }

  /** Unheard. */
  public static Reading quiet() {
    return heardBy((done, total) -> {});
  }

  /** Counts towards {@code total} bytes. */
  Tally tally(long total) {
    return new Tally(total, listener);
  }

  /** Bytes read so far; belongs to one thread. */
  static final class Tally {

    private static final long STEP_BYTES = 1 << 22;

    private final long total;
    private final Listener listener;
    private long done;
    private long told;

    private Tally(long total, Listener listener) {
      this.total = total;
      this.listener = listener;
    }

    void add(long bytes) {
      done += bytes;
      if (done - told >= STEP_BYTES || (done == total && told < done)) {
        told = done;
        listener.read(done, total);
      }
    }
  }
}
