package dev.heirloom.control.store;

import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which blobs are arriving, so that two publishers never write into the same one, and which are
 * being read or checked, so that none of them is collected meanwhile. Thread-safe.
 */
public final class BlobClaims {
  private final Set<Digest> claimed = new HashSet<>();
  private final Map<Digest, Integer> held = new HashMap<>();

  /**
   * Claims a blob for one writer.
   *
   * @throws BlobBusyException where another writer has it
   */
  synchronized void claim(Digest digest) throws BlobBusyException {
    if (!claimed.add(digest)) {
      throw new BlobBusyException(digest);
    }
  }

  synchronized void release(Digest digest) {
    claimed.remove(digest);
  }

  /** Keeps blobs from being collected until the hold is closed, whether they are there or not. */
  public synchronized Hold hold(Collection<Digest> digests) {
    Hold hold = new Hold(List.copyOf(digests));
    hold.digests.forEach(digest -> held.merge(digest, 1, Integer::sum));
    return hold;
  }

  /**
   * Runs a removal while no blob can be claimed or held.
   *
   * @param removal is told which blobs are neither
   */
  synchronized <T> T removing(Removal<T> removal) throws IOException {
    return removal.run(digest -> !claimed.contains(digest) && !held.containsKey(digest));
  }

  private synchronized void letGo(Hold hold) {
    if (!hold.closed) {
      hold.closed = true;
      hold.digests.forEach(
          digest -> held.computeIfPresent(digest, (same, n) -> n == 1 ? null : n - 1));
    }
  }

  /** What removes. */
  interface Removal<T> {
    T run(Predicate<Digest> free) throws IOException;
  }

  /** Blobs that somebody needs at this moment. */
  public final class Hold implements AutoCloseable {
    private final List<Digest> digests;
    private boolean closed;

    private Hold(List<Digest> digests) {
      this.digests = digests;
    }

    /** Gives them free; closing again changes nothing. */
    @Override
    public void close() {
      letGo(this);
    }
  }

  /** Somebody else is bringing the same blob at this moment. */
  public static final class BlobBusyException extends IOException {
    BlobBusyException(Digest digest) {
      super("blob " + digest + " is being brought by another call; try again when that ended");
    }
  }
}
