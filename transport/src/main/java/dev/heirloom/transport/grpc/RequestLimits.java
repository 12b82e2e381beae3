package dev.heirloom.transport.grpc;

import java.time.Duration;

/**
 * What a server asks of every call before its service hears of it.
 *
 * @param headerBytes most bytes of a call's headers: names, values and 32 for each
 * @param firstMessage within which a call's first message must be there, and the end of the request
 *     where the method takes one message
 */
public record RequestLimits(int headerBytes, Duration firstMessage) {
  public RequestLimits {
    if (headerBytes < 1) {
      throw new IllegalArgumentException("headerBytes: " + headerBytes + " (expected: 1 or more)");
    }
    if (firstMessage.isNegative() || firstMessage.isZero()) {
      throw new IllegalArgumentException(
          "firstMessage: " + firstMessage + " (expected: more than nothing)");
    }
  }
}
