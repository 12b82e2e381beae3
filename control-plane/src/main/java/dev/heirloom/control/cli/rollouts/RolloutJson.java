package dev.heirloom.control.cli.rollouts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.Rollout;
import java.util.HexFormat;
import java.util.Locale;

/** A rollout as JSON; every field with a dimension carries its unit in its name. */
final class RolloutJson {
  private RolloutJson() {}

  static ObjectNode of(Rollout rollout) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    HexFormat hex = HexFormat.of();
    node.put("name", rollout.getSpec().getName())
        .put("family", rollout.getSpec().getFamily())
        .put("manifest_sha256", hex.formatHex(rollout.getSpec().getManifestSha256().toByteArray()))
        .put(
            "previous_manifest_sha256",
            hex.formatHex(rollout.getPreviousManifestSha256().toByteArray()))
        .put("phase", word(rollout.getPhase().name(), "PHASE_"))
        .put("paused", rollout.getPaused())
        .put("group", rollout.getGroup())
        .put("stage", word(rollout.getStage().name(), "STAGE_"))
        .put("created_unix_ms", rollout.getCreatedUnixMs())
        .put("changed_unix_ms", rollout.getChangedUnixMs())
        .put("waits", rollout.getWaits())
        .put("touched", rollout.getTouched())
        .put("back", rollout.getBack());
    ObjectNode selector = node.putObject("selector");
    rollout.getSpec().getSelectorMap().forEach(selector::put);
    ArrayNode groups = node.putArray("groups");
    rollout
        .getGroupsList()
        .forEach(
            group ->
                groups
                    .addObject()
                    .put("number", group.getNumber())
                    .put("devices", group.getDevices())
                    .put("told", group.getTold())
                    .put("installed", group.getInstalled())
                    .put("failed", group.getFailed())
                    .put("overdue", group.getOverdue())
                    .put("refused", group.getRefused())
                    .put("withdrawn", group.getWithdrawn()));
    gates(node.putArray("gates"), rollout);
    ArrayNode attempts = node.putArray("attempts");
    rollout
        .getAttemptsList()
        .forEach(
            attempt ->
                attempts
                    .addObject()
                    .put("device", attempt.getDevice())
                    .put("result", word(attempt.getResult().name(), "RESULT_"))
                    .put("reason", attempt.getReason()));
    ArrayNode decisions = node.putArray("decisions");
    rollout
        .getDecisionsList()
        .forEach(
            decision ->
                decisions
                    .addObject()
                    .put("at_unix_ms", decision.getAtUnixMs())
                    .put("reason", decision.getReason()));
    return node;
  }

  private static void gates(ArrayNode gates, Rollout rollout) {
    rollout
        .getFindingsList()
        .forEach(
            finding -> {
              ObjectNode gate =
                  gates
                      .addObject()
                      .put("gate", word(finding.getGate().name(), "GATE_"))
                      .put("verdict", word(finding.getVerdict().name(), "VERDICT_"))
                      .put("threshold", finding.getThreshold())
                      .put("reason", finding.getReason());
              if (finding.hasValue()) {
                gate.put("value", finding.getValue());
              }
            });
  }

  private static String word(String name, String prefix) {
    return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
