package dev.heirloom.edge.identity;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.MalformedException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** What a control plane certified: the name of a device, and its key. */
public record DeviceCertificate(X509Certificate x509) {
  private static final int LARGEST_BYTES = 16 << 10;

  /** Reads one (X.509, DER). */
  public static DeviceCertificate parse(ByteString der) throws MalformedException {
    if (der.isEmpty() || der.size() > LARGEST_BYTES) {
      throw new MalformedException(
          "certificate: " + der.size() + " bytes (expected: 1.." + LARGEST_BYTES + ")");
    }
    try {
      return new DeviceCertificate(
          (X509Certificate)
              CertificateFactory.getInstance("X.509").generateCertificate(der.newInput()));
    } catch (CertificateException e) {
      throw new MalformedException("certificate: not X.509", e);
    }
  }

  /** Hexadecimal; as operators see it. */
  public String serial() {
    return x509.getSerialNumber().toString(16);
  }

  /** When it runs out. */
  public Instant until() {
    return x509.getNotAfter().toInstant();
  }

  /** From its issue until it runs out. */
  public Life life() {
    return new Life(x509.getNotBefore().toInstant(), until());
  }

  /** The time in which a certificate is valid. */
  public record Life(Instant from, Instant until) {
    /** How long it is. */
    public Duration length() {
      return Duration.between(from, until);
    }
  }
}
