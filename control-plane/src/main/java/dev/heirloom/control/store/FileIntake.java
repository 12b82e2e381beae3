package dev.heirloom.control.store;

import com.google.protobuf.ByteString;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.PartialBlob;
import dev.heirloom.runtime.graph.OnnxModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * One file on its way in. It has its name only once it is whole, its digest is right and, where it
 * is a teacher, it can be inherited from; what arrived of an interrupted upload is kept for the
 * next. Its calls block and must not overlap.
 */
public final class FileIntake implements AutoCloseable {
  // Reading a teacher costs several times its size.
  private static final Semaphore READING = new Semaphore(1, true);

  private final UploadedFiles files;
  private final String name;
  private final boolean teacher;
  private final Blob blob;
  private final BlobClaims.Hold hold;
  private final Optional<PartialBlob> partial;
  private boolean closed;

  private FileIntake(
      UploadedFiles files,
      String name,
      boolean teacher,
      Blob blob,
      BlobClaims.Hold hold,
      Optional<PartialBlob> partial) {
    this.files = files;
    this.name = name;
    this.teacher = teacher;
    this.blob = blob;
    this.hold = hold;
    this.partial = partial;
  }

  static FileIntake begin(UploadedFiles files, String name, boolean teacher, Blob blob)
      throws IOException, MalformedException {
    Digest digest = Digest.of(blob);
    BlobClaims.Hold hold = files.claims().hold(List.of(digest));
    boolean claimed = false;
    boolean begun = false;
    try {
      files.claims().claim(digest);
      claimed = true;
      boolean whole =
          files.blobs().has(digest) && files.blobs().size(digest) == blob.getSizeBytes();
      FileIntake intake =
          new FileIntake(
              files,
              name,
              teacher,
              blob,
              hold,
              whole ? Optional.empty() : Optional.of(files.blobs().partial(blob)));
      begun = true;
      return intake;
    } finally {
      if (!begun) {
        hold.close();
        if (claimed) {
          files.claims().release(digest);
        }
      }
    }
  }

  /** Bytes that are still to come. */
  public long missingBytes() {
    return partial.map(arriving -> blob.getSizeBytes() - arriving.offset()).orElse(0L);
  }

  /** Takes the next piece; bytes that had arrived are passed over. */
  public void piece(long offsetBytes, ByteString content) throws IOException, MalformedException {
    if (partial.isEmpty()) {
      return;
    }
    PartialBlob arriving = partial.get();
    if (offsetBytes < 0 || offsetBytes > arriving.offset()) {
      throw new MalformedException(
          "piece.offset_bytes: "
              + Long.toUnsignedString(offsetBytes)
              + " (expected: "
              + arriving.offset()
              + ")");
    }
    long known = Math.min(arriving.offset() - offsetBytes, content.size());
    arriving.append(arriving.offset(), content.substring((int) known));
  }

  /** Gives the file its name, once it is whole and sound. */
  public StoredFile finish() throws IOException, MalformedException {
    if (partial.isPresent()) {
      if (!partial.get().isComplete()) {
        throw new MalformedException(
            "piece: %d bytes are missing of %d".formatted(missingBytes(), blob.getSizeBytes()));
      }
      partial.get().commit();
    }
    int layers = teacher ? layers() : 0;
    return files.add(
        new StoredFile(
            name, teacher, Digest.of(blob), blob.getSizeBytes(), files.clock().millis(), layers));
  }

  private int layers() throws IOException, MalformedException {
    READING.acquireUninterruptibly();
    try {
      Teacher read = Teacher.of(OnnxModel.parse(files.blobs().read(blob), name));
      if (read.layers().isEmpty()) {
        throw new MalformedException("teacher: no layer of " + name + " can be factored");
      }
      return read.layers().size();
    } finally {
      READING.release();
    }
  }

  /** Ends an intake; what arrived is kept. Closing again changes nothing. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    hold.close();
    files.claims().release(Digest.of(blob));
    if (partial.isPresent()) {
      partial.get().close();
    }
  }
}
