package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.certificate.CertificateAuthority;
import dev.heirloom.control.certificate.DeviceRequest;
import dev.heirloom.control.fixture.DeviceKey;
import dev.heirloom.control.fixture.MemoryRecords;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceDeskTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration VALID = Duration.ofDays(90);

  private final MemoryRecords records = new MemoryRecords();
  private final CertificateAuthority authority = CertificateAuthority.create(NOW, VALID);
  private final DeviceKey key = DeviceKey.of("cam-1");

  private DeviceDesk desk(Instant at) throws Exception {
    Clock clock = Clock.fixed(at, ZoneOffset.UTC);
    return DeviceDesk.open(records, TokenBook.open(records, clock), authority, VALID, clock);
  }

  private Identity.Device enrolled(Instant at) throws Exception {
    TokenSecret secret = TokenSecret.create();
    TokenBook.open(records, Clock.fixed(at, ZoneOffset.UTC))
        .create(
            new TokenBook.Terms("gate", Role.ENROLMENT, Scope.FLEET, Optional.empty(), 1), secret);
    DeviceDesk desk = desk(at);
    byte[] issued = desk.enrol("cam-1", secret.text(), key.request()).encoded().der();
    return desk.identify(DeviceKey.certificate(issued));
  }

  @Test
  void aDeviceThatAsksForOneAfterAnotherIsHeldBackUntilOneRunsOut() throws Exception {
    DeviceDesk desk = desk(NOW);
    Identity.Device device = enrolled(NOW);
    for (int i = 1; i < 20; i++) {
      desk.renew(device, key.request());
    }
    assertThatThrownBy(() -> desk.renew(device, key.request()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.RATE))
        .hasMessageContaining("cam-1");
    assertThat(records.certificates("cam-1")).hasSize(20);
    desk(NOW.plus(VALID)).renew(device, key.request());
    assertThat(records.certificates("cam-1")).hasSize(21);
  }

  @Test
  void aCertificateThatABackupDoesNotKnowIsRevokedWithItsDevice() throws Exception {
    // Issued after the backup was taken, by the same authority.
    Instant later = NOW.plus(Duration.ofDays(1));
    X509Certificate unknown =
        authority.device(DeviceRequest.parse(key.request()), later.minusSeconds(60), VALID);
    DeviceDesk desk = desk(later);
    Identity.Device device = desk.identify(unknown);
    assertThat(desk.isRevoked(device)).isFalse();
    assertThat(desk.revokeDevice("cam-1")).isEmpty();
    assertThat(desk.isRevoked(device)).isTrue();
    assertThatThrownBy(() -> desk(later).identify(unknown)).hasMessageContaining("is revoked");
    Identity.Device again = enrolled(later);
    assertThat(desk(later).isRevoked(again)).isFalse();
  }

  @Test
  void everyCertificateOfADeviceIsRevokedInOneStep() throws Exception {
    DeviceDesk desk = desk(NOW);
    Identity.Device device = enrolled(NOW);
    desk.renew(device, key.request());
    List<DeviceCertificate> revoked = desk.revokeDevice("cam-1");
    assertThat(revoked).hasSize(2).allMatch(certificate -> certificate.revoked().isPresent());
    assertThat(desk.isRevoked(device)).isTrue();
    assertThat(desk(NOW).isRevoked(device)).isTrue();
    assertThatThrownBy(() -> desk.renew(device, key.request())).hasMessageContaining("revoked");
  }
}
