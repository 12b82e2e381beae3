package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Peers;
import io.grpc.Status;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The calls that are open, so that those of an identity can be ended, and so that whoever does not
 * say who he is holds few at once. Thread-safe.
 */
final class OpenCalls {
  /** Open calls from one address of those who do not say who they are. */
  static final int MOST_OF_STRANGERS = 100;

  private final Set<GuardedCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> strangers = new ConcurrentHashMap<>();

  /** Counts a call as open; false where there are too many. */
  boolean begun(GuardedCall<?, ?> call) {
    if (call.caller() instanceof Identity.Local) {
      return true;
    }
    Optional<String> stranger = stranger(call);
    if (stranger.isPresent()
        && strangers.merge(stranger.get(), 1, Integer::sum) > MOST_OF_STRANGERS) {
      left(stranger.get());
      return false;
    }
    calls.add(call);
    return true;
  }

  private static Optional<String> stranger(GuardedCall<?, ?> call) {
    return call.caller() instanceof Identity.Nobody
        ? Optional.of(Peers.network(call.peer()))
        : Optional.empty();
  }

  private void left(String stranger) {
    strangers.computeIfPresent(stranger, (from, open) -> open == 1 ? null : open - 1);
  }

  void ended(GuardedCall<?, ?> call) {
    if (calls.remove(call)) {
      stranger(call).ifPresent(this::left);
    }
  }

  /** Ends the calls of those that are who they said no more. */
  void end(Predicate<Identity> identities) {
    for (GuardedCall<?, ?> call : calls) {
      if (identities.test(call.caller())) {
        call.end(
            Status.UNAUTHENTICATED.withDescription(
                call.caller().label() + " was revoked or has expired"),
            true);
      }
    }
  }
}
