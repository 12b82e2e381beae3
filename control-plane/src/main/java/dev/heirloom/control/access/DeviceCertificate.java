package dev.heirloom.control.access;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * A certificate that the control plane issued to a device.
 *
 * @param number position in the order of issue, from 1; 0 before it is kept
 * @param serial hexadecimal
 * @param token id of the enrolment token that it was exchanged for; empty where it was renewed
 * @param revoked empty: not
 */
public record DeviceCertificate(
    long number,
    String serial,
    String device,
    String token,
    Encoded encoded,
    Instant issued,
    Instant expires,
    Optional<Instant> revoked) {

  /** Whether it still says who a device is. */
  boolean valid(Instant now) {
    return revoked.isEmpty() && now.isBefore(expires);
  }

  /** An X.509 certificate's bytes (DER), which nobody changes. */
  public static final class Encoded {
    private final byte[] der;

    public Encoded(byte[] der) {
      this.der = der.clone();
    }

    public byte[] der() {
      return der.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Encoded encoded && Arrays.equals(der, encoded.der);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(der);
    }
  }
}
