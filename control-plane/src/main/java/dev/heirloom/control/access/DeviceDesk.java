package dev.heirloom.control.access;

import dev.heirloom.control.certificate.CertificateAuthority;
import dev.heirloom.control.certificate.DeviceRequest;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says which device a certificate is of, and issues, renews and revokes them. Thread-safe; what
 * changes something blocks.
 */
public final class DeviceDesk {
  /** Certificates of one device that are valid at once: a device renews one in its last third. */
  private static final int MOST_LIVE = 20;

  private final AccessRecords records;
  private final TokenBook tokens;
  private final CertificateAuthority authority;
  private final Duration valid;
  private final Clock clock;
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> revokedBefore = new ConcurrentHashMap<>();

  private DeviceDesk(
      AccessRecords records,
      TokenBook tokens,
      CertificateAuthority authority,
      Duration valid,
      Clock clock) {
    this.records = records;
    this.tokens = tokens;
    this.authority = authority;
    this.valid = valid;
    this.clock = clock;
  }

  /**
   * Reads what is kept.
   *
   * @param valid how long a device's certificate is valid
   */
  public static DeviceDesk open(
      AccessRecords records,
      TokenBook tokens,
      CertificateAuthority authority,
      Duration valid,
      Clock clock)
      throws IOException {
    DeviceDesk desk = new DeviceDesk(records, tokens, authority, valid, clock);
    desk.revoked.addAll(records.revokedSerials(clock.instant()));
    desk.revokedBefore.putAll(records.revokedBefore());
    return desk;
  }

  /**
   * Whether the certificate that a device came with was revoked. Where a backup was restored, it
   * may be one that is not known here.
   */
  boolean isRevoked(Identity.Device device) {
    Instant before = revokedBefore.get(device.name());
    return revoked.contains(device.serial())
        || (before != null && device.issued().plusSeconds(1).isBefore(before));
  }

  /** The device that came with a certificate whose key it has. */
  public Identity.Device identify(X509Certificate presented) throws RefusedException {
    String serial = presented.getSerialNumber().toString(16);
    String device;
    try {
      device = authority.device(presented, clock.instant());
    } catch (MalformedException e) {
      throw new RefusedException(Refusal.invalid(String.valueOf(e.getMessage())));
    }
    Identity.Device identity =
        new Identity.Device(
            device,
            serial,
            CertificateAuthority.issued(presented),
            presented.getNotAfter().toInstant());
    if (isRevoked(identity)) {
      throw new RefusedException(
          Refusal.invalid("certificate " + serial + " of device " + device + " is revoked"));
    }
    return identity;
  }

  /**
   * Exchanges an enrolment token for a certificate. The same token, name and key once more give the
   * same certificate: the answer to the first time may have been lost.
   *
   * @param secret as the device sent it
   * @param request what the device asks to be certified, PKCS #10
   */
  public synchronized DeviceCertificate enrol(String device, String secret, byte[] request)
      throws RefusedException, MalformedException, IOException {
    Token token = tokens.shown(secret);
    if (token.role() != Role.ENROLMENT) {
      throw new RefusedException(
          new Refusal(Refusal.Kind.ROLE, "token " + token + " does not enrol devices"));
    }
    if (!token.scope().covers(device)) {
      throw new RefusedException(
          new Refusal(Refusal.Kind.OBJECT, "token " + token + " is not for " + device));
    }
    DeviceRequest wanted = wanted(device, request);
    Instant now = clock.instant();
    Optional<DeviceCertificate> live =
        records.certificates(device).stream().filter(issued -> issued.valid(now)).findFirst();
    if (live.isPresent()) {
      return again(live.get(), token, wanted);
    }
    DeviceCertificate issued = certificate(wanted, token.id(), now);
    tokens.use(token.id(), used -> records.issue(issued, Optional.of(used)));
    return issued;
  }

  private static DeviceCertificate again(DeviceCertificate live, Token token, DeviceRequest wanted)
      throws RefusedException {
    if (live.token().equals(token.id())
        && parsed(live.encoded()).getPublicKey().equals(wanted.key())) {
      return live;
    }
    String spent = token.usesLeft() < 1 ? "token " + token + " is used up, and " : "";
    throw new RefusedException(
        Refusal.invalid(
            "%sdevice %s has a certificate (%s) already; revoke it first"
                .formatted(spent, live.device(), live.serial())));
  }

  /** A new certificate for a device that has one. */
  public synchronized DeviceCertificate renew(Identity.Device device, byte[] request)
      throws RefusedException, MalformedException, IOException {
    if (isRevoked(device)) {
      throw new RefusedException(Refusal.invalid("certificate " + device.serial() + " is revoked"));
    }
    DeviceRequest wanted = wanted(device.name(), request);
    Instant now = clock.instant();
    if (records.certificates(device.name()).stream().filter(issued -> issued.valid(now)).count()
        >= MOST_LIVE) {
      throw new RefusedException(
          new Refusal(
              Refusal.Kind.RATE,
              "device %s has %d certificates that are valid; no more until one of them runs out"
                  .formatted(device.name(), MOST_LIVE)));
    }
    DeviceCertificate issued = certificate(wanted, "", now);
    records.issue(issued, Optional.empty());
    return issued;
  }

  private static DeviceRequest wanted(String device, byte[] request) throws MalformedException {
    DeviceRequest wanted = DeviceRequest.parse(request);
    if (!wanted.device().equals(device)) {
      throw new MalformedException(
          "certificate_request: of '" + wanted.device() + "' (expected: " + device + ")");
    }
    return wanted;
  }

  private DeviceCertificate certificate(DeviceRequest wanted, String token, Instant now) {
    X509Certificate made = authority.device(wanted, now, valid);
    try {
      return new DeviceCertificate(
          0,
          made.getSerialNumber().toString(16),
          wanted.device(),
          token,
          new DeviceCertificate.Encoded(made.getEncoded()),
          now,
          made.getNotAfter().toInstant(),
          Optional.empty());
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate parsed(DeviceCertificate.Encoded encoded) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new java.io.ByteArrayInputStream(encoded.der()));
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Certificates, newest first. */
  public List<DeviceCertificate> list(Optional<String> device, long before, int most)
      throws IOException {
    return device.isPresent()
        ? records.certificates(device.get())
        : records.certificates(before, most);
  }

  /** Revokes one certificate; nothing where there is none of that number. */
  public synchronized List<DeviceCertificate> revokeSerial(String serial) throws IOException {
    Optional<DeviceCertificate> found = records.certificate(serial);
    return found.isEmpty()
        ? List.of()
        : revoke(List.of(found.get()), Optional.empty(), clock.instant());
  }

  /**
   * Revokes every certificate of a device, also those that are not known here; gives those that
   * are.
   */
  public synchronized List<DeviceCertificate> revokeDevice(String device) throws IOException {
    Instant now = clock.instant();
    List<DeviceCertificate> valid =
        records.certificates(device).stream().filter(issued -> issued.valid(now)).toList();
    return revoke(valid, Optional.of(device), now);
  }

  private List<DeviceCertificate> revoke(
      List<DeviceCertificate> certificates, Optional<String> device, Instant now)
      throws IOException {
    List<DeviceCertificate> after = new ArrayList<>();
    records.revoke(
        certificates.stream()
            .filter(certificate -> certificate.revoked().isEmpty())
            .map(DeviceCertificate::serial)
            .toList(),
        device,
        now);
    device.ifPresent(name -> revokedBefore.put(name, now));
    for (DeviceCertificate certificate : certificates) {
      revoked.add(certificate.serial());
    }
    for (DeviceCertificate certificate : certificates) {
      records.certificate(certificate.serial()).ifPresent(after::add);
    }
    return after;
  }
}
