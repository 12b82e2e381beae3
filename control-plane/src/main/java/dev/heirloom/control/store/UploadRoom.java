package dev.heirloom.control.store;

import java.io.IOException;
import java.util.Optional;

/**
 * How much of uploads there is room for: on the disk, and of what all of them together may take.
 * What is on its way is counted as if it were there. Thread-safe.
 */
public final class UploadRoom {
  private static final long RESERVED_BYTES = 64L << 20;

  private final FreeSpace space;
  private final long mostBytes;
  private long comingBytes;

  /**
   * @param mostBytes of all uploads together
   */
  public UploadRoom(FreeSpace space, long mostBytes) {
    this.space = space;
    this.mostBytes = mostBytes;
  }

  /**
   * What there is too little of.
   *
   * @param limit in words
   * @param description with figures
   */
  public record Lack(String limit, String description) {}

  /**
   * Takes room for what is to come; it is to be given back where it was there.
   *
   * @param bytes that are missing of an upload
   * @param storedBytes of all uploads
   */
  public synchronized Optional<Lack> take(long bytes, long storedBytes) throws IOException {
    long free = Math.max(0, space.bytes() - RESERVED_BYTES - comingBytes);
    if (bytes > free) {
      return Optional.of(new Lack("disk space", bytes + " bytes are to come (free: " + free + ")"));
    }
    long left = Math.max(0, mostBytes - storedBytes - comingBytes);
    if (bytes > left) {
      return Optional.of(
          new Lack(
              "uploads",
              bytes
                  + " bytes are to come (left of "
                  + mostBytes
                  + ", --upload-limit: "
                  + left
                  + ")"));
    }
    comingBytes += bytes;
    return Optional.empty();
  }

  /** Gives room back: what came is counted as stored, and what does not come not at all. */
  public synchronized void giveBack(long bytes) {
    comingBytes -= bytes;
  }
}
