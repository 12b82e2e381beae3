package dev.heirloom.edge.link;

import dev.heirloom.edge.identity.DeviceCertificate.Life;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a device has its certificate renewed: when two thirds of its life are over, give or take
 * what spreads a fleet. A device's clock may be wrong; by one that is far ahead each new
 * certificate is due at once, and is left alone for a third of its life all the same. Not
 * thread-safe.
 */
final class RenewalTime {
  /** Share of a certificate's life after which it is renewed. */
  private static final double RENEWED_AFTER = 2.0 / 3;

  /** Share of a certificate's life by which a fleet's renewals spread, before and after. */
  private static final double SPREAD = 0.05;

  /** An authority dates certificates back, for clocks that are behind. */
  private static final Duration DATED_BACK = Duration.ofMinutes(10);

  private static final Duration SOONEST = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofMinutes(1);

  private final double spread;
  private Optional<Instant> taken = Optional.empty();

  /**
   * For one device.
   *
   * @param random uniform in 0..1
   */
  RenewalTime(double random) {
    this.spread = SPREAD * (2 * random - 1);
  }

  /** A certificate was just issued. */
  void taken(Instant now) {
    taken = Optional.of(now);
  }

  /** Whether by this clock a certificate is to be renewed. */
  boolean isDue(Life certificate, Instant now) {
    return !now.isBefore(due(certificate, now));
  }

  /** By how much a clock is ahead of the authority's that just issued a certificate. */
  static Duration ahead(Life issued, Instant now) {
    return Duration.between(issued.from().plus(DATED_BACK), now);
  }

  /** How long to wait. Never not at all: clocks differ, and a try that fails is repeated. */
  Duration until(Life certificate, Instant now) {
    Duration left = Duration.between(now, certificate.until());
    Duration third = left.isNegative() || left.isZero() ? SOON : left.dividedBy(3);
    Duration soonest = third.compareTo(SOON) < 0 ? third : SOON;
    Duration due = Duration.between(now, due(certificate, now));
    Duration wait = due.compareTo(soonest) < 0 ? soonest : due;
    return wait.compareTo(SOONEST) < 0 ? SOONEST : wait;
  }

  private Instant due(Life certificate, Instant now) {
    Instant due = dueByItself(certificate);
    // One in the future was seen by a clock that was set back since.
    Optional<Instant> soonest =
        taken
            .filter(at -> !at.isAfter(now))
            .map(at -> at.plus(good(certificate).dividedBy(3)))
            .filter(at -> at.isAfter(due));
    return soonest.orElse(due);
  }

  /** How long it is good after its issue. */
  private static Duration good(Life certificate) {
    Duration length = certificate.length();
    return length.compareTo(DATED_BACK) > 0 ? length.minus(DATED_BACK) : length;
  }

  private Instant dueByItself(Life certificate) {
    double share = RENEWED_AFTER + spread;
    return certificate.from().plusMillis(Math.round(share * certificate.length().toMillis()));
  }
}
