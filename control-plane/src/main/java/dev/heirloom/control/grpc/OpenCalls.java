package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Identity;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The calls that are open, so that those of an identity can be ended. Thread-safe. */
final class OpenCalls {
  private final Set<GuardedCall<?, ?>> calls = ConcurrentHashMap.newKeySet();

  void begun(Identity caller, GuardedCall<?, ?> call) {
    if (!(caller instanceof Identity.Local)) {
      calls.add(call);
    }
  }

  void ended(GuardedCall<?, ?> call) {
    calls.remove(call);
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
