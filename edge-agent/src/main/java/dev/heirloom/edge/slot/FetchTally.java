package dev.heirloom.edge.slot;

import dev.heirloom.runtime.family.Digest;
import java.util.HashSet;
import java.util.Set;

/** What the fetches for one decision have cost so far, over all tries. One thread at a time. */
public final class FetchTally {
  private final long decision;
  private final Set<Digest> lacked = new HashSet<>();
  private long wireBytes;
  private long contentBytes;
  private long missingBytes;
  private long crawledBytes;
  private long nanos;

  public FetchTally(long decision) {
    this.decision = decision;
  }

  public long decision() {
    return decision;
  }

  /** Size of the messages that carried blobs, framing included. */
  public long wireBytes() {
    return wireBytes;
  }

  /** Bytes of blobs that arrived. */
  public long contentBytes() {
    return contentBytes;
  }

  /** Bytes of blobs that arrived, without those that came too slowly to count as progress. */
  public long progressBytes() {
    return contentBytes - crawledBytes;
  }

  /** Bytes of blobs that the device lacked when it first looked. */
  public long missingBytes() {
    return missingBytes;
  }

  /** How many blobs the device lacked. */
  public int missingBlobs() {
    return lacked.size();
  }

  /** Time spent fetching. */
  public long millis() {
    return nanos / 1_000_000;
  }

  /** A blob that is still lacking at a later try is counted once. */
  void lacks(Digest blob, long bytes) {
    if (lacked.add(blob)) {
      missingBytes += bytes;
    }
  }

  void arrived(int content, int wire) {
    contentBytes += content;
    wireBytes += wire;
  }

  void crawled(long bytes) {
    crawledBytes += bytes;
  }

  void spent(long moreNanos) {
    nanos += moreNanos;
  }
}
