package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.LimitOrigin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One device on a page: what it is, what is asked of it, what was decided and why. */
final class DevicePage {
  private DevicePage() {}

  static String text(Device device) {
    List<String> lines = new ArrayList<>();
    DeviceProfile profile = device.getProfile();
    line(lines, "device", device.getName());
    line(
        lines, "state", DeviceTexts.seen(device, Instant.now()) + ", " + DeviceTexts.state(device));
    line(
        lines,
        "class",
        "%s, %d cores, %s"
            .formatted(
                profile.getDeviceClass().isEmpty() ? "none" : profile.getDeviceClass(),
                profile.getCores(),
                Figures.bytes(profile.getMemoryBytes())));
    line(lines, "labels", labels(device));
    line(
        lines,
        "serves",
        "%s rung %d; shall serve rung %d%s"
            .formatted(
                device.getFamily().isEmpty() ? "nothing," : device.getFamily(),
                device.getReportedRung(),
                device.getDesiredRung(),
                device.getPinnedRung() > 0 ? ", pinned to " + device.getPinnedRung() : ""));
    line(lines, "budget", budget(device));
    LatencySummary request = device.getLastWindow().getRequest();
    if (request.getCount() > 0) {
      line(
          lines,
          "window",
          "%s requests, p95 %s"
              .formatted(
                  Figures.count(request.getCount()), Figures.milliseconds(request.getP95Ns())));
    }
    if (!device.getQuarantine().isEmpty()) {
      line(lines, "quarantine", device.getQuarantine());
    }
    if (device.hasCopy()) {
      line(
          lines,
          "copied",
          "a second agent under this name was refused, "
              + Figures.count(device.getCopy().getTimes())
              + " times");
    }
    if (device.hasFlag()) {
      line(lines, "flag", device.getFlag().getReason());
    }
    lines.add("");
    lines.add(decisions(device.getDecisionsList()));
    return String.join("\n", lines);
  }

  private static void line(List<String> lines, String name, String value) {
    lines.add(String.format(Locale.ROOT, "%-12s %s", name, value));
  }

  private static String labels(Device device) {
    String labels =
        DeviceTexts.inForce(device).entrySet().stream()
            .map(
                label ->
                    label.getKey()
                        + "="
                        + label.getValue()
                        + (device.containsOperatorLabels(label.getKey()) ? " (operator)" : ""))
            .collect(Collectors.joining(", "));
    return labels.isEmpty() ? "none" : labels;
  }

  private static String budget(Device device) {
    Budget budget = device.getBudget();
    List<String> limits = new ArrayList<>();
    if (budget.getP95LatencyNs() > 0) {
      limits.add(
          "p95 "
              + Figures.milliseconds(budget.getP95LatencyNs())
              + by(device.getBudgetOrigins().getP95Latency()));
    }
    if (budget.getMemoryBytes() > 0) {
      limits.add(
          "memory "
              + Figures.bytes(budget.getMemoryBytes())
              + by(device.getBudgetOrigins().getMemory()));
    }
    if (budget.getSizeBytes() > 0) {
      limits.add(
          "size " + Figures.bytes(budget.getSizeBytes()) + by(device.getBudgetOrigins().getSize()));
    }
    if (budget.getLeastAccuracy() > 0) {
      limits.add(
          "accuracy "
              + Figures.percent(budget.getLeastAccuracy())
              + by(device.getBudgetOrigins().getLeastAccuracy()));
    }
    return limits.isEmpty() ? "none" : String.join(", ", limits);
  }

  private static String by(LimitOrigin origin) {
    return switch (origin.getSource()) {
      case SOURCE_OWN -> " (its own)";
      case SOURCE_OPERATOR -> " (operator)";
      case SOURCE_RULE -> " (rule " + origin.getRule() + ")";
      case SOURCE_UNSPECIFIED, UNRECOGNIZED -> "";
    };
  }

  private static String decisions(List<Decision> decisions) {
    if (decisions.isEmpty()) {
      return "nothing was decided yet";
    }
    Table table = new Table("decision", "at", "rung", "outcome", "reason");
    for (Decision decision : decisions) {
      table.row(
          Long.toString(decision.getDecision()),
          Instant.ofEpochMilli(decision.getAtUnixMs()).toString(),
          decision.getFromRung() + " → " + decision.getToRung(),
          DeviceTexts.outcome(decision),
          decision.getReason());
    }
    return table.toString();
  }
}
