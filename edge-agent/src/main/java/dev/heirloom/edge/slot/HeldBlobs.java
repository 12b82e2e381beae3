package dev.heirloom.edge.slot;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.StoredBlob;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The blobs that a device holds for all of its families. Those that no family needs any more are
 * removed: neither the one in force, of which every rung stays, nor one that is being installed.
 * Families take turns to fetch. Safe for use by several threads.
 */
final class HeldBlobs {
  private final DirectoryBlobStore store;
  private final int families;
  private final Map<String, Set<Digest>> inForce = new HashMap<>();
  private final Map<String, Set<Digest>> ordered = new HashMap<>();

  /** Held while blobs come or go; first come, first served. */
  final ReentrantLock turn = new ReentrantLock(true);

  /**
   * @param families how many share the store; nothing is removed before it is known of each what it
   *     needs
   */
  HeldBlobs(DirectoryBlobStore store, int families) {
    this.store = store;
    this.families = families;
  }

  DirectoryBlobStore store() {
    return store;
  }

  /** A berth has nothing in force. */
  synchronized void nothingInForce(String berth) {
    inForce.put(berth, Set.of());
  }

  /** What a berth has in force; what was ordered for it is done with. */
  synchronized void inForce(String berth, Blob manifest, Manifest content)
      throws MalformedException {
    inForce.put(berth, named(manifest, content));
    ordered.remove(berth);
  }

  /** A manifest that is about to be fetched; what was ordered before stays until it is known. */
  synchronized void ordering(String purpose, Blob manifest) {
    Set<Digest> also = new HashSet<>(ordered.getOrDefault(purpose, Set.of()));
    also.add(Digest.of(manifest));
    ordered.put(purpose, also);
  }

  /** What is being installed, or tried, for a berth. */
  synchronized void ordered(String purpose, Blob manifest, Manifest content)
      throws MalformedException {
    ordered.put(purpose, named(manifest, content));
  }

  private static Set<Digest> named(Blob manifest, Manifest content) throws MalformedException {
    Set<Digest> named = new HashSet<>();
    named.add(Digest.of(manifest));
    Manifests.all(content).forEach(blob -> named.add(Digest.of(blob)));
    return named;
  }

  /**
   * Removes what nothing needs.
   *
   * @return bytes of the blobs removed
   */
  long collect() throws IOException {
    turn.lock();
    try {
      return collectNow();
    } finally {
      turn.unlock();
    }
  }

  private synchronized long collectNow() throws IOException {
    if (inForce.size() < families) {
      return 0;
    }
    Set<Digest> needed = new HashSet<>();
    inForce.values().forEach(needed::addAll);
    ordered.values().forEach(needed::addAll);
    long freed = 0;
    for (StoredBlob blob : store.list()) {
      if (blob.digest().filter(needed::contains).isEmpty()) {
        store.delete(blob);
        freed += blob.sizeBytes();
      }
    }
    return freed;
  }
}
