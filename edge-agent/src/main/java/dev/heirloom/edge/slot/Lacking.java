package dev.heirloom.edge.slot;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.family.Digest;

/**
 * A blob that a store lacks from an offset on.
 *
 * @param offsetBytes first byte that is missing
 */
record Lacking(Blob blob, long offsetBytes) {

  long restBytes() {
    return blob.getSizeBytes() - offsetBytes;
  }

  BlobFetcher.Range range() {
    return new BlobFetcher.Range(Digest.of(blob), offsetBytes);
  }
}
