package dev.heirloom.control.http;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.Buckets;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Peers;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.fleet.Meters;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.StreamSupport;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Cookie;

/**
 * Stands before the pages: who asks says so by a token, in the header {@code Authorization} or in
 * the cookie that the login sets. Where a control plane asks nobody who he is, it lets all pass.
 */
final class PageGuard {
  static final String COOKIE = "heirloom";

  private static final String BEARER = "Bearer ";
  private static final double FAILURES_PER_SECOND = 0.5;
  private static final double FAILURES_AT_ONCE = 20;
  private static final int KEYS = 20_000;

  private static final AccessRule READS = rule("Pages/Read", Role.VIEWER);
  private static final AccessRule CHANGES = rule("Pages/Change", Role.OPERATOR);

  private final Access access;
  private final Meters meters;
  private final Buckets failures;

  PageGuard(Access access, Meters meters, LongSupplier nanoTime) {
    this.access = access;
    this.meters = meters;
    this.failures = new Buckets(FAILURES_PER_SECOND, FAILURES_AT_ONCE, KEYS, nanoTime);
  }

  private static AccessRule rule(String name, Role least) {
    return new AccessRule(name, Optional.of(least), false, false, false, List.of());
  }

  /** Why a request is refused; it is written down. */
  Optional<Refusal> refuse(HttpRequest request) {
    return refuse(request, token(request));
  }

  /** Why a token opens no page; it is written down. */
  Optional<Refusal> refuse(HttpRequest request, Optional<String> token) {
    Identity caller = new Identity.Nobody();
    Optional<Refusal> refusal;
    try {
      caller = identify(token);
      refusal = rule(request).refuse(caller);
    } catch (RefusedException e) {
      refusal = Optional.of(e.refusal());
    }
    Identity who = caller;
    String what = request.method().name() + " " + request.getUri().path();
    return refusal.map(why -> told(request, who, what, "", why));
  }

  /** Whether a request that was let pass still would be. */
  boolean stillPasses(HttpRequest request) {
    try {
      return rule(request).refuse(identify(token(request))).isEmpty();
    } catch (RefusedException e) {
      return false;
    }
  }

  /** What a request says of who sends it, as a header {@code Authorization} does. */
  static Optional<String> authorization(HttpRequest request) {
    return token(request).map(BEARER::concat);
  }

  private Identity identify(Optional<String> token) throws RefusedException {
    return access.identify(token.map(BEARER::concat), Optional.empty());
  }

  /** Whoever may look may not change. */
  private static AccessRule rule(HttpRequest request) {
    boolean reads = List.of("GET", "HEAD").contains(request.method().name()) || isLogin(request);
    return reads ? READS : CHANGES;
  }

  private static boolean isLogin(HttpRequest request) {
    return request.getUri().path().equals("/login");
  }

  private static Optional<String> token(HttpRequest request) {
    Optional<String> header =
        request
            .getHeader("Authorization")
            .map(found -> found.value().strip())
            .filter(value -> value.startsWith(BEARER))
            .map(value -> value.substring(BEARER.length()).strip());
    return header.or(
        () ->
            request
                .getHeader(Cookie.class)
                .flatMap(
                    cookies ->
                        StreamSupport.stream(cookies.getCookies().spliterator(), false)
                            .filter(cookie -> cookie.name().equals(COOKIE))
                            .map(cookie -> cookie.value())
                            .findFirst()));
  }

  /** From where a request comes. */
  static String peer(HttpRequest request) {
    return request
        .getAttribute(AttributeKeys.remoteAddress)
        .flatMap(RemoteAddress::getAddress)
        .map(address -> String.valueOf(address.getHostAddress()))
        .orElse("unknown");
  }

  /**
   * Counts a refusal, and writes it down unless there are too many from the same place.
   *
   * @param what was asked
   * @param object that it was about; may be empty
   * @return what the caller is told
   */
  Refusal told(HttpRequest request, Identity caller, String what, String object, Refusal refusal) {
    String peer = peer(request);
    Buckets.Answer logged = failures.ask(Peers.network(peer));
    Refusal told =
        logged == Buckets.Answer.TAKEN
            ? refusal
            : new Refusal(
                Refusal.Kind.FAILURES,
                peer + " is refused too often; more is counted, not recorded");
    meters.refused(told.kind().label());
    if (logged != Buckets.Answer.EMPTY) {
      String outcome = Integer.toString(status(told).intValue());
      access.record(caller, peer, what, object, outcome, told.reason());
    }
    return told;
  }

  static StatusCode status(Refusal refusal) {
    return switch (refusal.kind()) {
      case UNKNOWN, INVALID -> StatusCodes.UNAUTHORIZED;
      case ROLE, OBJECT, COPY -> StatusCodes.FORBIDDEN;
      case RATE, FAILURES -> StatusCodes.TOO_MANY_REQUESTS;
    };
  }
}
