package dev.heirloom.control.store;

import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which blobs are arriving, so that two publishers never write into the same one. Thread-safe. */
public final class BlobClaims {
  private final Set<Digest> claimed = ConcurrentHashMap.newKeySet();

  /**
   * Claims a blob for one writer.
   *
   * @throws BlobBusyException where another writer has it
   */
  void claim(Digest digest) throws BlobBusyException {
    if (!claimed.add(digest)) {
      throw new BlobBusyException(digest);
    }
  }

  void release(Digest digest) {
    claimed.remove(digest);
  }

  /** Somebody else is bringing the same blob at this moment. */
  public static final class BlobBusyException extends IOException {
    BlobBusyException(Digest digest) {
      super("blob " + digest + " is being published by another call; try again when that ended");
    }
  }
}
