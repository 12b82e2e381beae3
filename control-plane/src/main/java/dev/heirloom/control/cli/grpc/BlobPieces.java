package dev.heirloom.control.cli.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobPiece;
import io.grpc.StatusException;

/** A blob as the messages that bring it. */
final class BlobPieces {
  private static final int PIECE_BYTES = 256 << 10;

  private BlobPieces() {}

  /** Takes a piece; false where no more are taken. */
  interface Taking {
    boolean take(BlobPiece piece) throws StatusException, InterruptedException;
  }

  /** Sends a blob; false where no more are taken. */
  static boolean send(Blob blob, byte[] content, Taking taking)
      throws StatusException, InterruptedException {
    boolean open = true;
    for (int offset = 0; open && offset < content.length; offset += PIECE_BYTES) {
      int length = Math.min(PIECE_BYTES, content.length - offset);
      open =
          taking.take(
              BlobPiece.newBuilder()
                  .setSha256(blob.getSha256())
                  .setOffsetBytes(offset)
                  .setContent(UnsafeByteOperations.unsafeWrap(content, offset, length))
                  .build());
    }
    return open;
  }
}
