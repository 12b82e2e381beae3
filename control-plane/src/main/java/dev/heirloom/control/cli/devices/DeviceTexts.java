package dev.heirloom.control.cli.devices;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.runtime.family.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Devices in lines and as JSON. */
final class DeviceTexts {
  private static final String NOTHING = "-";

  private DeviceTexts() {}

  static String table(List<Device> devices, Instant now) {
    if (devices.isEmpty()) {
      return "no device matches";
    }
    Table table =
        new Table("device", "class", "seen", "family", "rung", "p95", "budget", "state", "labels");
    for (Device device : devices) {
      table.row(
          device.getName(),
          orNothing(device.getProfile().getDeviceClass()),
          seen(device, now),
          orNothing(device.getFamily()),
          rung(device),
          p95(device),
          limit(device.getBudget()),
          state(device),
          orNothing(labels(device)));
    }
    return table.toString();
  }

  /** One device in one line. */
  static String line(Device device, Instant now) {
    return "%s: %s, %s rung %s, p95 %s, %s"
        .formatted(
            device.getName(),
            seen(device, now),
            orNothing(device.getFamily()),
            rung(device),
            p95(device),
            state(device));
  }

  /** The labels that it goes by. */
  static Map<String, String> inForce(Device device) {
    Map<String, String> labels = new TreeMap<>(device.getProfile().getLabelsMap());
    labels.putAll(device.getOperatorLabelsMap());
    return labels;
  }

  private static String labels(Device device) {
    return inForce(device).entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(" "));
  }

  private static String orNothing(String text) {
    return text.isEmpty() ? NOTHING : text;
  }

  static String seen(Device device, Instant now) {
    if (device.getOnline()) {
      return "online";
    }
    Duration ago = Duration.between(Instant.ofEpochMilli(device.getLastSeenUnixMs()), now);
    if (ago.toHours() >= 48) {
      return ago.toDays() + " d ago";
    }
    return ago.toMinutes() >= 120
        ? ago.toHours() + " h ago"
        : ago.toSeconds() >= 120 ? ago.toMinutes() + " min ago" : ago.toSeconds() + " s ago";
  }

  private static String rung(Device device) {
    int reported = device.getReportedRung();
    int desired = device.getDesiredRung();
    return reported == desired ? Integer.toString(reported) : reported + " → " + desired;
  }

  private static String p95(Device device) {
    LatencySummary request = device.getLastWindow().getRequest();
    return request.getCount() == 0 ? NOTHING : Figures.milliseconds(request.getP95Ns());
  }

  private static String limit(Budget budget) {
    return budget.getP95LatencyNs() == 0 ? NOTHING : Figures.milliseconds(budget.getP95LatencyNs());
  }

  static String state(Device device) {
    if (device.getRemoved()) {
      return "removed";
    }
    if (device.hasCopy()) {
      return "copied";
    }
    if (!device.getQuarantine().isEmpty()) {
      return "quarantine";
    }
    if (device.hasFlag()) {
      return "flagged";
    }
    return device.getPinnedRung() > 0 ? "pinned to " + device.getPinnedRung() : "ok";
  }

  static String json(Device device) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", device.getName())
            .put("class", device.getProfile().getDeviceClass())
            .put("online", device.getOnline())
            .put("removed", device.getRemoved())
            .put("last_seen_unix_ms", device.getLastSeenUnixMs())
            .put("state", state(device))
            .put("family", device.getFamily())
            .put("desired_rung", device.getDesiredRung())
            .put("reported_rung", device.getReportedRung())
            .put("pinned_rung", device.getPinnedRung())
            .put("quarantine", device.getQuarantine())
            .put("flag", device.getFlag().getReason())
            .put("copies_refused", device.getCopy().getTimes());
    if (!device.getManifestSha256().isEmpty()) {
      node.put("manifest_sha256", Digest.wrap(device.getManifestSha256()).hex());
    }
    ObjectNode labels = node.putObject("labels");
    inForce(device).forEach(labels::put);
    ObjectNode operators = node.putObject("operator_labels");
    new TreeMap<>(device.getOperatorLabelsMap()).forEach(operators::put);
    Budget budget = device.getBudget();
    node.putObject("budget")
        .put("p95_latency_ms", Figures.ms(budget.getP95LatencyNs()))
        .put("memory_bytes", budget.getMemoryBytes())
        .put("size_bytes", budget.getSizeBytes())
        .put("least_accuracy", budget.getLeastAccuracy());
    if (device.hasLastWindow()) {
      LatencySummary request = device.getLastWindow().getRequest();
      node.putObject("window")
          .put("requests", request.getCount())
          .put("p95_ms", Figures.ms(request.getP95Ns()))
          .put("rung", device.getLastWindow().getRung());
    }
    device.getDecisionsList().forEach(decision -> node.withArray("decisions").add(json(decision)));
    return node.toString();
  }

  private static ObjectNode json(Decision decision) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("decision", decision.getDecision())
        .put("at_unix_ms", decision.getAtUnixMs())
        .put("family", decision.getFamily())
        .put("from_rung", decision.getFromRung())
        .put("to_rung", decision.getToRung())
        .put("reason", decision.getReason())
        .put("outcome", outcome(decision));
  }

  /** What the device answered, in a word or two. */
  static String outcome(Decision decision) {
    Outcome outcome = decision.getOutcome();
    return switch (outcome.getStatus()) {
      case STATUS_INSTALLED -> "installed";
      case STATUS_FAILED -> "failed: " + outcome.getFailedCheck();
      case STATUS_ON_THE_WAY -> "on the way";
      case STATUS_UNSPECIFIED, UNRECOGNIZED -> "unanswered";
    };
  }
}
