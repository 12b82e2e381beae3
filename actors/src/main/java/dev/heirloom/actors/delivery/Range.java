package dev.heirloom.actors.delivery;

import dev.heirloom.runtime.family.Digest;

/**
 * A blob from an offset to its end.
 *
 * @param blob name of the blob
 * @param offsetBytes bytes that the receiver holds already
 */
public record Range(Digest blob, long offsetBytes) {

  public Range {
    if (offsetBytes < 0) {
      throw new IllegalArgumentException("offsetBytes: " + offsetBytes + " (expected: >= 0)");
    }
  }
}
