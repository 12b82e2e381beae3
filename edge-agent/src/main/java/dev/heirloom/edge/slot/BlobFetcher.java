package dev.heirloom.edge.slot;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.List;

/** Brings bytes of blobs from the control plane. */
public interface BlobFetcher {

  /**
   * Fetches blobs in the order asked, each from its offset to its end; returns when the control
   * plane has sent all that it sends. Blocks.
   *
   * @param decision the decision that this serves
   * @throws FetchInterruptedException if the link failed: the rest may come with a later try
   * @throws FetchRefusedException if the control plane refused: another try would not help
   * @throws IOException as thrown by {@code pieces}
   * @throws MalformedException as thrown by {@code pieces}
   */
  void fetch(long decision, List<Range> ranges, Pieces pieces)
      throws FetchInterruptedException, FetchRefusedException, IOException, MalformedException;

  /**
   * A blob from an offset to its end.
   *
   * @param offsetBytes first byte wanted
   */
  record Range(Digest digest, long offsetBytes) {}

  /** Takes what arrives, in the order in which it was sent. */
  interface Pieces {
    /**
     * Takes the next piece.
     *
     * @param index into the ranges asked for
     * @param offsetBytes where in the blob the piece starts
     * @param wireBytes size of the message that carried it, framing included
     */
    void accept(int index, long offsetBytes, ByteString content, int wireBytes)
        throws IOException, MalformedException;
  }

  /** The link failed before everything had come. */
  final class FetchInterruptedException extends Exception {
    public FetchInterruptedException(String message) {
      super(message);
    }
  }

  /** The control plane does not give what was asked for. */
  final class FetchRefusedException extends Exception {
    public FetchRefusedException(String message) {
      super(message);
    }
  }
}
