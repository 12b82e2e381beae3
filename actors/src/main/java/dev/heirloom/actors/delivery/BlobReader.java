package dev.heirloom.actors.delivery;

import dev.heirloom.runtime.family.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** Reads ranges of blobs one after the other, one piece per call; at most one channel is open. */
final class BlobReader {

  private final BlobStore store;
  private final List<Range> ranges;
  private final int pieceBytes;

  private int index = -1;
  private long offsetBytes;
  private long sizeBytes;
  private @Nullable SeekableByteChannel channel;

  BlobReader(BlobStore store, List<Range> ranges, int pieceBytes) {
    this.store = store;
    this.ranges = ranges;
    this.pieceBytes = pieceBytes;
  }

  /** Size of the next piece; 0 after the last range's end. */
  int nextBytes() throws IOException {
    while (offsetBytes == sizeBytes) {
      close();
      if (index + 1 == ranges.size()) {
        return 0;
      }
      open(index + 1);
    }
    return (int) Math.min(pieceBytes, sizeBytes - offsetBytes);
  }

  /** The next piece; empty where {@link #nextBytes} is 0. */
  Optional<Piece> next() throws IOException {
    int bytes = nextBytes();
    return bytes == 0 ? Optional.empty() : Optional.of(read(bytes));
  }

  /** Closes the open channel, if any; again is harmless. */
  void close() throws IOException {
    SeekableByteChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private void open(int next) throws IOException {
    Range range = ranges.get(next);
    long size = store.size(range.blob());
    if (range.offsetBytes() > size) {
      throw new IOException(
          "blob "
              + range.blob().hex()
              + ": offset "
              + range.offsetBytes()
              + " is past its "
              + size
              + " bytes");
    }
    index = next;
    sizeBytes = size;
    offsetBytes = range.offsetBytes();
    SeekableByteChannel opened = store.open(range.blob());
    channel = opened;
    opened.position(offsetBytes);
  }

  private Piece read(int bytes) throws IOException {
    SeekableByteChannel open = channel;
    if (open == null) {
      throw new IOException("blob " + ranges.get(index).blob().hex() + ": closed while read");
    }
    byte[] content = new byte[bytes];
    ByteBuffer buffer = ByteBuffer.wrap(content);
    while (buffer.hasRemaining()) {
      if (open.read(buffer) < 0) {
        throw new EOFException(
            "blob "
                + ranges.get(index).blob().hex()
                + ": shorter than its "
                + sizeBytes
                + " bytes");
      }
    }
    Piece piece = new Piece(index, offsetBytes, ByteString.fromArrayUnsafe(content));
    offsetBytes += content.length;
    return piece;
  }
}
