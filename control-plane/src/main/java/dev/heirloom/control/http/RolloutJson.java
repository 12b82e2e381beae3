package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.rollout.RolloutStatus;
import java.util.List;
import java.util.Locale;

/** Rollouts as JSON for the dashboard. */
final class RolloutJson {
  private static final int LOG = 10;

  private RolloutJson() {}

  static ObjectNode all(List<RolloutStatus> rollouts) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ArrayNode list = node.putArray("rollouts");
    rollouts.forEach(rollout -> list.add(of(rollout)));
    return node;
  }

  static ObjectNode of(RolloutStatus rollout) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", rollout.name())
        .put("family", rollout.plan().family())
        .put("manifest_sha256", rollout.plan().target())
        .put("previous_manifest_sha256", rollout.plan().previous())
        .put("phase", rollout.phase().label())
        .put("over", rollout.phase().over())
        .put("paused", rollout.paused())
        .put("group", rollout.group())
        .put("stage", rollout.stage().name().toLowerCase(Locale.ROOT))
        .put("created_unix_ms", rollout.createdMs())
        .put("changed_unix_ms", rollout.changedMs())
        .put("waits", rollout.waits())
        .put("touched", rollout.touched())
        .put("back", rollout.back());
    ArrayNode groups = node.putArray("groups");
    rollout
        .groups()
        .forEach(
            group ->
                groups
                    .addObject()
                    .put("number", group.number())
                    .put("devices", group.devices())
                    .put("told", group.told())
                    .put("installed", group.installed())
                    .put("failed", group.failed())
                    .put("overdue", group.overdue())
                    .put("refused", group.refused())
                    .put("withdrawn", group.withdrawn()));
    ArrayNode gates = node.putArray("gates");
    rollout
        .findings()
        .forEach(
            finding -> {
              ObjectNode gate = gates.addObject();
              gate.put("gate", finding.gate().name().toLowerCase(Locale.ROOT))
                  .put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
                  .put("threshold", finding.threshold())
                  .put("reason", finding.reason());
              if (Double.isNaN(finding.value())) {
                gate.putNull("value");
              } else {
                gate.put("value", finding.value());
              }
            });
    ArrayNode decisions = node.putArray("decisions");
    rollout.log().stream()
        .skip(Math.max(0, rollout.log().size() - LOG))
        .forEach(
            entry ->
                decisions
                    .addObject()
                    .put("at_unix_ms", entry.atMs())
                    .put("reason", entry.reason()));
    return node;
  }
}
