package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.identity.DeviceCertificate.Life;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RenewalTimeTest {
  private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LIFE = Duration.ofDays(90);

  private static Life issued(Instant at) {
    return new Life(at, at.plus(LIFE));
  }

  private final Life certificate = issued(ISSUED);

  @Test
  void isAfterTwoThirdsOfItsLifeGiveOrTakeATwentieth() {
    for (double random : new double[] {0, 0.5, 1}) {
      RenewalTime time = new RenewalTime(random);
      Duration expected = Duration.ofDays(60).plusHours(Math.round((random - 0.5) * 2 * 4.5 * 24));
      assertThat(time.until(certificate, ISSUED)).isEqualTo(expected);
      assertThat(time.isDue(certificate, ISSUED.plus(expected).minusSeconds(1))).isFalse();
      assertThat(time.isDue(certificate, ISSUED.plus(expected))).isTrue();
    }
  }

  @Test
  void aTryThatFailedIsRepeatedAfterAMinuteOrSooner() {
    RenewalTime time = new RenewalTime(0.5);
    assertThat(time.until(certificate, ISSUED.plus(Duration.ofDays(70)))).hasMinutes(1);
    assertThat(time.until(certificate, certificate.until().minusSeconds(30))).hasSeconds(10);
    assertThat(time.until(certificate, certificate.until().minusMillis(9))).hasSeconds(1);
    assertThat(time.until(certificate, certificate.until().plus(LIFE))).hasMinutes(1);
  }

  @Test
  void aClockAYearAheadRenewsOnceInAThirdOfALifeAndNotWithoutEnd() {
    RenewalTime time = new RenewalTime(0.5);
    Instant now = ISSUED.plus(Duration.ofDays(365));
    assertThat(time.isDue(certificate, now)).isTrue();
    assertThat(RenewalTime.ahead(issued(ISSUED), now)).isGreaterThan(Duration.ofDays(364));
    int renewals = 0;
    Life has = certificate;
    for (int day = 0; day < 90; day++) {
      if (time.isDue(has, now)) {
        has = issued(ISSUED.plus(Duration.ofDays(day)));
        time.taken(now);
        renewals++;
      }
      now = now.plus(Duration.ofDays(1));
    }
    assertThat(renewals).isEqualTo(3);
  }

  @Test
  void aClockThatIsSetRightCountsAgain() {
    RenewalTime time = new RenewalTime(0.5);
    time.taken(ISSUED.plus(Duration.ofDays(365)));
    assertThat(time.isDue(certificate, ISSUED.plus(Duration.ofDays(59)))).isFalse();
    assertThat(time.isDue(certificate, ISSUED.plus(Duration.ofDays(61)))).isTrue();
    time.taken(ISSUED);
    assertThat(RenewalTime.ahead(certificate, ISSUED)).isNegative();
  }

  @Test
  void aCertificateOfAMinuteThatIsDatedBackIsRenewedInItsMinute() {
    RenewalTime time = new RenewalTime(0.5);
    Life minute = new Life(ISSUED.minus(Duration.ofMinutes(10)), ISSUED.plusSeconds(60));
    time.taken(ISSUED);
    assertThat(time.until(minute, ISSUED)).hasSeconds(20);
    assertThat(time.isDue(minute, ISSUED.plusSeconds(20))).isTrue();
    assertThat(RenewalTime.ahead(minute, ISSUED)).isZero();
  }
}
