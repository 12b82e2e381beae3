package dev.heirloom.control.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.DeviceCertificate;
import dev.heirloom.proto.v1.Token;
import java.util.List;
import java.util.function.Function;

/** Tokens, certificates and audit entries for programs; times in ms since 1970. */
final class AccessJson {
  private AccessJson() {}

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static <T> String list(String name, List<T> items, Function<T, ObjectNode> form) {
    ObjectNode answer = object();
    ArrayNode array = answer.putArray(name);
    items.forEach(item -> array.add(form.apply(item)));
    return answer.toPrettyString();
  }

  static String created(CreateTokenResponse made) {
    return token(made.getToken()).put("secret", made.getSecret()).toPrettyString();
  }

  static String tokens(List<Token> tokens) {
    return list("tokens", tokens, AccessJson::token);
  }

  private static ObjectNode token(Token token) {
    ObjectNode node =
        object()
            .put("id", token.getId())
            .put("name", token.getName())
            .put("role", AccessTexts.role(token.getRole()))
            .put("created_unix_ms", token.getCreatedUnixMs())
            .put("expires_unix_ms", token.getExpiresUnixMs())
            .put("uses_left", token.getUsesLeft())
            .put("revoked_unix_ms", token.getRevokedUnixMs());
    ArrayNode devices = node.putArray("devices");
    token.getDevicesList().forEach(devices::add);
    return node;
  }

  static String certificates(List<DeviceCertificate> certificates) {
    return list(
        "certificates",
        certificates,
        certificate ->
            object()
                .put("serial", certificate.getSerial())
                .put("device", certificate.getDevice())
                .put("issued_unix_ms", certificate.getIssuedUnixMs())
                .put("expires_unix_ms", certificate.getExpiresUnixMs())
                .put("revoked_unix_ms", certificate.getRevokedUnixMs()));
  }

  static String audit(List<AuditEntry> entries) {
    return list(
        "entries",
        entries,
        entry ->
            object()
                .put("number", entry.getNumber())
                .put("at_unix_ms", entry.getAtUnixMs())
                .put("identity", entry.getIdentity())
                .put("peer", entry.getPeer())
                .put("method", entry.getMethod())
                .put("object", entry.getObject())
                .put("outcome", entry.getOutcome())
                .put("reason", entry.getReason()));
  }
}
