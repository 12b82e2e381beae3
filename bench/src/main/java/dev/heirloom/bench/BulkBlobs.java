package dev.heirloom.bench;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Large blobs of random bytes in a control plane's data directory. */
final class BulkBlobs {
  static final int MIB = 1 << 20;

  private BulkBlobs() {}

  /** Writes blobs to where a control plane that is started on {@code data} finds them. */
  static List<Blob> write(Path data, int number, int bytes) throws IOException {
    DirectoryBlobStore store = new DirectoryBlobStore(data.resolve("blobs"));
    SplittableRandom random = new SplittableRandom(number + bytes);
    List<Blob> blobs = new ArrayList<>();
    byte[] content = new byte[bytes];
    for (int i = 0; i < number; i++) {
      random.nextBytes(content);
      store.put(content);
      blobs.add(BlobStore.blob(content));
    }
    return blobs;
  }

  static long bytes(List<Blob> blobs) {
    return blobs.stream().mapToLong(Blob::getSizeBytes).sum();
  }
}
