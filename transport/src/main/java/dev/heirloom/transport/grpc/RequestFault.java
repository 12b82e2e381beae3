package dev.heirloom.transport.grpc;

import java.util.Locale;

/** Why a request is none, before its service has heard of it. */
public enum RequestFault {
  /** Bytes that are no message of the method's type. */
  MALFORMED,
  /** More bytes than a message may have, once they are decompressed. */
  LARGE,
  /** The request ended without a message. */
  MISSING,
  /** Another message where the method takes one. */
  SECOND,
  /** The request did not come, or did not end, in time. */
  UNFINISHED,
  /** Headers beyond their limit. */
  HEADERS;

  /** As in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
