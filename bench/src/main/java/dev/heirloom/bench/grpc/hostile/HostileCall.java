package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One call that is wrong in some way.
 *
 * @param number by which its seed makes it again
 * @param malice what is wrong with it
 * @param method whom it is for
 * @param headers beside gRPC's own
 * @param encoding what its messages claim to be compressed by; empty: nothing
 * @param messages as bytes, in order
 * @param end what its client does after the last one
 * @param expected how it may end; empty: any way that says what was wrong, or that nothing was
 */
record HostileCall(
    long number,
    Malice malice,
    MethodDescriptor<?, ?> method,
    Map<String, String> headers,
    Optional<String> encoding,
    List<ByteString> messages,
    End end,
    Set<Status.Code> expected) {

  /** What is wrong. */
  enum Malice {
    MUTATED,
    GARBAGE,
    UNKNOWN_FIELDS,
    NESTED,
    LARGE,
    NUMBER_OF_MESSAGES,
    HEADERS,
    ENCODING,
    ORDER,
    CANCELLED,
    UNFINISHED
  }

  /** What the client does last. */
  enum End {
    HALF_CLOSE,
    /** Nothing: the request never ends. */
    SILENCE,
    CANCEL
  }

  HostileCall {
    headers = Map.copyOf(headers);
    messages = List.copyOf(messages);
    expected = Set.copyOf(expected);
  }

  /** Messages, or one for a call that has none. */
  int weight() {
    return Math.max(1, messages.size());
  }

  /** Whether its method answers for ever, and says nothing where nothing happens. */
  boolean endless() {
    return method.getFullMethodName().matches(".*/(Watch|WatchRollouts)");
  }

  /** For people. */
  String label() {
    return "call %d (%s, %s)".formatted(number, malice, method.getFullMethodName());
  }
}
