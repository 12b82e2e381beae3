package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Buckets;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Peers;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.fleet.Meters;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.function.LongSupplier;

/**
 * Makes refusals known: a status for the caller, a metric for all, an entry in the audit log for as
 * many as a log can take. Keeps, too, whoever calls too often from doing so. Thread-safe.
 */
final class Refusals {
  /** Calls a second of one identity, or from one address where nobody says who he is. */
  static final double CALLS_PER_SECOND = 50;

  static final double CALLS_AT_ONCE = 500;

  /** Calls without a valid identity from one address that are looked at one by one. */
  static final double FAILURES_PER_SECOND = 0.5;

  static final double FAILURES_AT_ONCE = 20;

  private static final int KEYS = 20_000;

  private final Access access;
  private final Meters meters;
  private final Buckets calls;
  private final Buckets failures;

  Refusals(Access access, Meters meters, LongSupplier nanoTime) {
    this.access = access;
    this.meters = meters;
    this.calls = new Buckets(CALLS_PER_SECOND, CALLS_AT_ONCE, KEYS, nanoTime);
    this.failures = new Buckets(FAILURES_PER_SECOND, FAILURES_AT_ONCE, KEYS, nanoTime);
  }

  /** Whether a caller has a call left. */
  boolean mayCall(Identity caller, String peer) {
    return calls.take(key(caller, peer));
  }

  private static String key(Identity caller, String peer) {
    return caller instanceof Identity.Nobody ? "peer " + Peers.network(peer) : caller.label();
  }

  /** A call of somebody who calls too often. */
  Status tooMany(Identity caller, String peer, String method) {
    String reason =
        "%s calls too often (expected: at most %.0f calls a second)"
            .formatted(key(caller, peer), CALLS_PER_SECOND);
    return of(new Refusal(Refusal.Kind.RATE, reason), caller, peer, method, "");
  }

  /** A call of somebody who has too many open. */
  Status tooManyOpen(Identity caller, String peer, MethodDescriptor<?, ?> method) {
    String reason =
        "%s has too many calls open (expected: at most %d without a token or certificate)"
            .formatted(key(caller, peer), OpenCalls.MOST_OF_STRANGERS);
    Refusal refusal = new Refusal(Refusal.Kind.RATE, reason);
    return of(refusal, caller, peer, method.getFullMethodName(), "");
  }

  /** A call whose caller is not who he says. */
  Status invalid(Refusal refusal, String peer, String method) {
    return of(refusal, new Identity.Nobody(), peer, method, "");
  }

  /** Any refusal. */
  Status of(Refusal refusal, Identity caller, String peer, String method, String object) {
    Buckets.Answer logged = failures.ask(key(caller, peer));
    Refusal told = refusal;
    if (logged != Buckets.Answer.TAKEN) {
      String reason = key(caller, peer) + " is refused too often; more is counted, not recorded";
      told =
          refusal.kind() == Refusal.Kind.RATE
              ? refusal
              : new Refusal(Refusal.Kind.FAILURES, reason);
    }
    meters.refused(told.kind().label());
    Status status = Failures.status(told);
    if (logged != Buckets.Answer.EMPTY) {
      String brief = AccessRules.of(method).map(AccessRule::brief).orElse(method);
      access.record(caller, peer, brief, object, status.getCode().name(), told.reason());
    }
    return status;
  }
}
