package dev.heirloom.control.grpc;

import dev.heirloom.control.access.AuditEntry;
import dev.heirloom.control.access.DeviceCertificate;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Token;
import dev.heirloom.proto.v1.ListCertificatesResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Messages of the service {@code Access} from and to what they stand for. */
final class AccessMessages {
  private AccessMessages() {}

  static Role role(dev.heirloom.proto.v1.Role role) {
    return switch (role) {
      case ROLE_VIEWER -> Role.VIEWER;
      case ROLE_OPERATOR -> Role.OPERATOR;
      case ROLE_ADMIN -> Role.ADMIN;
      case ROLE_ENROLMENT -> Role.ENROLMENT;
      case ROLE_TRAINER -> Role.TRAINER;
      case ROLE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("role: not one of those there are");
    };
  }

  private static dev.heirloom.proto.v1.Role role(Role role) {
    return switch (role) {
      case VIEWER -> dev.heirloom.proto.v1.Role.ROLE_VIEWER;
      case OPERATOR -> dev.heirloom.proto.v1.Role.ROLE_OPERATOR;
      case ADMIN -> dev.heirloom.proto.v1.Role.ROLE_ADMIN;
      case ENROLMENT -> dev.heirloom.proto.v1.Role.ROLE_ENROLMENT;
      case TRAINER -> dev.heirloom.proto.v1.Role.ROLE_TRAINER;
    };
  }

  static dev.heirloom.proto.v1.Token token(Token token) {
    return dev.heirloom.proto.v1.Token.newBuilder()
        .setId(token.id())
        .setName(token.name())
        .setRole(role(token.role()))
        .addAllDevices(token.scope().patterns())
        .setCreatedUnixMs(token.created().toEpochMilli())
        .setExpiresUnixMs(ms(token.expires()))
        .setUsesLeft(token.usesLeft())
        .setRevokedUnixMs(ms(token.revoked()))
        .build();
  }

  static ListCertificatesResponse.Builder certificates(List<DeviceCertificate> certificates) {
    return ListCertificatesResponse.newBuilder()
        .addAllCertificates(certificates.stream().map(AccessMessages::certificate).toList());
  }

  private static dev.heirloom.proto.v1.DeviceCertificate certificate(DeviceCertificate issued) {
    return dev.heirloom.proto.v1.DeviceCertificate.newBuilder()
        .setSerial(issued.serial())
        .setDevice(issued.device())
        .setIssuedUnixMs(issued.issued().toEpochMilli())
        .setExpiresUnixMs(issued.expires().toEpochMilli())
        .setRevokedUnixMs(ms(issued.revoked()))
        .build();
  }

  static dev.heirloom.proto.v1.AuditEntry entry(AuditEntry entry) {
    return dev.heirloom.proto.v1.AuditEntry.newBuilder()
        .setNumber(entry.number())
        .setAtUnixMs(entry.at().toEpochMilli())
        .setIdentity(entry.identity())
        .setPeer(entry.peer())
        .setMethod(entry.method())
        .setObject(entry.object())
        .setOutcome(entry.outcome())
        .setReason(entry.reason())
        .build();
  }

  private static long ms(Optional<Instant> moment) {
    return moment.map(Instant::toEpochMilli).orElse(0L);
  }
}
