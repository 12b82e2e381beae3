package dev.heirloom.transport.grpc;

import io.grpc.Metadata;
import io.grpc.Status;

/**
 * A status that its client can read: it travels in headers, and a client takes 8 KiB of them by
 * default. What is longer would be an HTTP/2 error to it, without a word.
 */
final class ShortStatus {
  /** Most bytes of a description, as it is encoded. */
  static final int MOST_DESCRIPTION_BYTES = 2000;

  /** Most bytes of the details, before they are encoded in base 64. */
  static final int MOST_DETAILS_BYTES = 2500;

  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final String CUT = "...";

  private ShortStatus() {}

  /** The same with as much of its description as fits. */
  static Status of(Status status) {
    String said = status.getDescription();
    if (said == null) {
      return status;
    }
    int end = fitting(said);
    return end == said.length() ? status : status.withDescription(said.substring(0, end) + CUT);
  }

  /** Leaves details out that are too long: the description says the same in words. */
  static Metadata of(Metadata trailers) {
    byte[] details = trailers.get(DETAILS);
    if (details != null && details.length > MOST_DETAILS_BYTES) {
      trailers.discardAll(DETAILS);
    }
    return trailers;
  }

  /** Where a text has to end. */
  private static int fitting(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      bytes += encodedBytes(point);
      if (bytes > MOST_DESCRIPTION_BYTES) {
        return i;
      }
      i += Character.charCount(point);
    }
    return text.length();
  }

  /** Three for each byte of UTF-8 but those that stand for themselves. */
  private static int encodedBytes(int point) {
    if (point >= ' ' && point <= '~' && point != '%') {
      return 1;
    }
    return 3 * (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
  }
}
