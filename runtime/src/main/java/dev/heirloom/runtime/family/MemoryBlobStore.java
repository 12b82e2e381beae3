package dev.heirloom.runtime.family;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Blobs on the heap. */
public final class MemoryBlobStore implements BlobStore {

  private final Map<Digest, ByteString> contents = new ConcurrentHashMap<>();

  @Override
  public boolean has(Digest digest) {
    return contents.containsKey(digest);
  }

  @Override
  public long size(Digest digest) throws IOException {
    return content(digest).size();
  }

  @Override
  public SeekableByteChannel open(Digest digest) throws IOException {
    return new Channel(content(digest).asReadOnlyByteBuffer());
  }

  @Override
  public Digest put(byte[] content) {
    Digest digest = Digest.of(content);
    contents.putIfAbsent(digest, ByteString.copyFrom(content));
    return digest;
  }

  private ByteString content(Digest digest) throws NoSuchFileException {
    ByteString content = contents.get(digest);
    if (content == null) {
      throw new NoSuchFileException("blob " + digest);
    }
    return content;
  }

  /** Reads a buffer as if it were a file. */
  private static final class Channel implements SeekableByteChannel {

    private final ByteBuffer content;
    private boolean open = true;

    Channel(ByteBuffer content) {
      this.content = content;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      checkOpen();
      if (!content.hasRemaining()) {
        return -1;
      }
      int count = Math.min(target.remaining(), content.remaining());
      target.put(content.slice(content.position(), count));
      content.position(content.position() + count);
      return count;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new NonWritableChannelException();
    }

    @Override
    public long position() throws IOException {
      checkOpen();
      return content.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      checkOpen();
      if (position < 0) {
        throw new IllegalArgumentException("position: " + position + " (expected: 0 or more)");
      }
      content.position((int) Math.min(position, content.limit()));
      return this;
    }

    @Override
    public long size() throws IOException {
      checkOpen();
      return content.limit();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }

    private void checkOpen() throws ClosedChannelException {
      if (!open) {
        throw new ClosedChannelException();
      }
    }
  }
}
