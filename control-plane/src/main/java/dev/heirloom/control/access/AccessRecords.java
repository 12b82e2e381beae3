package dev.heirloom.control.access;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where tokens, certificates and the audit log outlive the control plane. Blocks; thread-safe. */
public interface AccessRecords {

  /** Every token that there ever was. */
  List<Token> tokens() throws IOException;

  /** Keeps a token, in place of what was kept of it. */
  void save(Token token) throws IOException;

  /**
   * Keeps a certificate together with what is left of the token that it was exchanged for: both or
   * neither.
   */
  void issue(DeviceCertificate certificate, Optional<Token> used) throws IOException;

  /** Certificates of a device, newest first. */
  List<DeviceCertificate> certificates(String device) throws IOException;

  /** Certificates of any device with a number below {@code before}, newest first. */
  List<DeviceCertificate> certificates(long before, int most) throws IOException;

  /** The certificate with a serial number. */
  Optional<DeviceCertificate> certificate(String serial) throws IOException;

  /** Serial numbers of the revoked certificates that have not run out. */
  List<String> revokedSerials(Instant now) throws IOException;

  /**
   * Revokes certificates: all of them or none.
   *
   * @param device of which, besides, every certificate counts as revoked that was issued before
   *     now, whether it is known here or not
   */
  void revoke(List<String> serials, Optional<String> device, Instant now) throws IOException;

  /** Before when the certificates of a device count as revoked, by its name. */
  Map<String, Instant> revokedBefore() throws IOException;

  /** Adds to the audit log. */
  void append(List<AuditEntry> entries) throws IOException;

  /** Of the entries whose outcome is not OK, leaves this many in the audit log, the newest. */
  void forgetRefused(int most) throws IOException;

  /** Entries with a number below {@code before}, newest first. */
  List<AuditEntry> audit(long before, int most) throws IOException;
}
