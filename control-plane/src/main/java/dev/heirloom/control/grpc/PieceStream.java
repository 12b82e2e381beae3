package dev.heirloom.control.grpc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/**
 * Writes what it is given into a stream of pieces, no faster than these are taken. It blocks, and
 * fails where nobody takes them any more.
 */
final class PieceStream extends OutputStream {
  private final SourceQueueWithComplete<ByteString> queue;
  private final byte[] piece;
  private int filled;

  PieceStream(SourceQueueWithComplete<ByteString> queue, int pieceBytes) {
    this.queue = queue;
    this.piece = new byte[pieceBytes];
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int taken = Math.min(length - done, piece.length - filled);
      System.arraycopy(bytes, offset + done, piece, filled, taken);
      filled += taken;
      done += taken;
      if (filled == piece.length) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (filled == 0) {
      return;
    }
    ByteString content = ByteString.fromArray(piece, 0, filled);
    filled = 0;
    try {
      QueueOfferResult result = queue.offer(content).toCompletableFuture().get();
      if (!result.equals(QueueOfferResult.enqueued())) {
        throw new IOException("nobody reads any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } catch (ExecutionException e) {
      throw new IOException("nobody reads any more", e);
    }
  }

  /** Hands over what is left; the stream of pieces goes on. */
  @Override
  public void close() throws IOException {
    flush();
  }
}
