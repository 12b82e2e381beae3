package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.DeviceCertificate;
import dev.heirloom.proto.v1.Role;
import dev.heirloom.proto.v1.Token;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Tokens, certificates and audit entries for people. Times are UTC. */
final class AccessTexts {
  private static final String NOTHING = "-";

  private AccessTexts() {}

  static String tokens(List<Token> tokens) {
    if (tokens.isEmpty()) {
      return "there are no tokens";
    }
    Table table = new Table("id", "name", "role", "devices", "created", "expires", "uses", "state");
    tokens.forEach(
        token ->
            table.row(
                token.getId(),
                token.getName(),
                role(token.getRole()),
                token.getDevicesCount() == 0 ? "all" : String.join(",", token.getDevicesList()),
                moment(token.getCreatedUnixMs()),
                token.getExpiresUnixMs() == 0 ? "never" : moment(token.getExpiresUnixMs()),
                token.getRole() == Role.ROLE_ENROLMENT
                    ? String.valueOf(token.getUsesLeft())
                    : NOTHING,
                state(token.getRevokedUnixMs(), token.getExpiresUnixMs())));
    return table.toString();
  }

  static String role(Role role) {
    return role.name().replace("ROLE_", "").toLowerCase(Locale.ROOT);
  }

  static String certificates(List<DeviceCertificate> certificates) {
    if (certificates.isEmpty()) {
      return "there are no certificates";
    }
    Table table = new Table("serial", "device", "issued", "expires", "state");
    certificates.forEach(
        certificate ->
            table.row(
                certificate.getSerial(),
                certificate.getDevice(),
                moment(certificate.getIssuedUnixMs()),
                moment(certificate.getExpiresUnixMs()),
                state(certificate.getRevokedUnixMs(), certificate.getExpiresUnixMs())));
    return table.toString();
  }

  private static String state(long revokedMs, long expiresMs) {
    if (revokedMs != 0) {
      return "revoked";
    }
    return expiresMs != 0 && expiresMs <= System.currentTimeMillis() ? "expired" : "valid";
  }

  static String audit(List<AuditEntry> entries) {
    if (entries.isEmpty()) {
      return "nothing was done yet";
    }
    Table table = new Table("at", "who", "from", "what", "about", "outcome", "reason");
    entries.forEach(
        entry ->
            table.row(
                moment(entry.getAtUnixMs()),
                entry.getIdentity(),
                entry.getPeer(),
                entry.getMethod(),
                entry.getObject().isEmpty() ? NOTHING : entry.getObject(),
                entry.getOutcome(),
                entry.getReason().isEmpty() ? NOTHING : entry.getReason()));
    return table.toString();
  }

  private static String moment(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
