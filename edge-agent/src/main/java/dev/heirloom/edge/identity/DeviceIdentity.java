package dev.heirloom.edge.identity;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.HeldIdentity;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;

/**
 * What a device is known by.
 *
 * @param certified empty before its first certificate
 * @param next key that the next certificate is asked for; empty where none is. It is kept before it
 *     is asked for: the answer may be lost, and comes again for the same key only
 */
public record DeviceIdentity(
    String device, Optional<Certified> certified, Optional<DeviceKey> next) {

  /**
   * A key with its certificate.
   *
   * @param token digest of the enrolment token that was exchanged last; empty where none was
   */
  public record Certified(DeviceKey key, DeviceCertificate certificate, Optional<Digest> token) {}

  /** That of a device that has none. */
  public static DeviceIdentity none(String device) {
    return new DeviceIdentity(device, Optional.empty(), Optional.empty());
  }

  /** The same with a key that a certificate is to be asked for. */
  public DeviceIdentity asking(DeviceKey key) {
    return new DeviceIdentity(device, certified, Optional.of(key));
  }

  /**
   * The same with the certificate that was asked for.
   *
   * @param token that was exchanged for it; empty: the one before it was
   * @throws MalformedException where it is not for the key that was asked for
   */
  public DeviceIdentity certified(DeviceCertificate certificate, Optional<Digest> token)
      throws MalformedException {
    DeviceKey key = next.orElseThrow();
    if (!certificate.x509().getPublicKey().equals(key.publicKey())) {
      throw new MalformedException("certificate: for another key than was asked for");
    }
    return new DeviceIdentity(
        device,
        Optional.of(
            new Certified(key, certificate, token.or(() -> certified.flatMap(Certified::token)))),
        Optional.empty());
  }

  /** As it is kept. */
  public HeldIdentity held() {
    HeldIdentity.Builder held = HeldIdentity.newBuilder().setDevice(device);
    next.ifPresent(key -> held.setNextKey(key.held()));
    if (certified.isPresent()) {
      Certified has = certified.get();
      try {
        held.setKey(has.key().held())
            .setCertificate(ByteString.copyFrom(has.certificate().x509().getEncoded()));
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException(e);
      }
      has.token().ifPresent(token -> held.setTokenSha256(token.bytes()));
    }
    return held.build();
  }

  /** What was kept. */
  public static DeviceIdentity of(HeldIdentity held) throws MalformedException {
    Optional<DeviceKey> next =
        held.hasNextKey() ? Optional.of(DeviceKey.of(held.getNextKey())) : Optional.empty();
    if (!held.hasKey()) {
      return new DeviceIdentity(held.getDevice(), Optional.empty(), next);
    }
    Optional<Digest> token =
        held.getTokenSha256().size() == Digest.LENGTH
            ? Optional.of(Digest.wrap(held.getTokenSha256()))
            : Optional.empty();
    Certified certified =
        new Certified(
            DeviceKey.of(held.getKey()), DeviceCertificate.parse(held.getCertificate()), token);
    return new DeviceIdentity(held.getDevice(), Optional.of(certified), next);
  }
}
