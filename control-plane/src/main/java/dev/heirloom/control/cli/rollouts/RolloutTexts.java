package dev.heirloom.control.cli.rollouts;

import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.GateFinding;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutDecision;
import dev.heirloom.proto.v1.RolloutGroup;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Rollouts for people. */
final class RolloutTexts {
  private RolloutTexts() {}

  static boolean over(Rollout rollout) {
    return switch (rollout.getPhase()) {
      case PHASE_COMPLETED, PHASE_HALTED, PHASE_ABORTED -> true;
      default -> false;
    };
  }

  static String phase(Rollout rollout) {
    return rollout.getPaused()
        ? "paused"
        : word(rollout.getPhase().name().substring("PHASE_".length()));
  }

  static String stage(Rollout rollout) {
    return word(rollout.getStage().name().substring("STAGE_".length()));
  }

  private static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  static String brief(ByteString digest) {
    return HexFormat.of().formatHex(digest.toByteArray()).substring(0, 12);
  }

  /** One line. */
  static String line(Rollout rollout) {
    return "rollout %s of %s %s is %s, group %d of %d (%s), %d devices touched, %d back"
        .formatted(
            rollout.getSpec().getName(),
            rollout.getSpec().getFamily(),
            brief(rollout.getSpec().getManifestSha256()),
            phase(rollout),
            rollout.getGroup(),
            rollout.getGroupsCount(),
            stage(rollout),
            rollout.getTouched(),
            rollout.getBack());
  }

  static String table(List<Rollout> rollouts) {
    if (rollouts.isEmpty()) {
      return "there are no rollouts";
    }
    Table table = new Table("rollout", "family", "version", "phase", "group", "touched", "devices");
    rollouts.forEach(
        rollout ->
            table.row(
                rollout.getSpec().getName(),
                rollout.getSpec().getFamily(),
                brief(rollout.getSpec().getManifestSha256()),
                phase(rollout),
                rollout.getGroup() + "/" + rollout.getGroupsCount(),
                Integer.toString(rollout.getTouched()),
                Integer.toString(
                    rollout.getGroupsList().stream().mapToInt(RolloutGroup::getDevices).sum())));
    return table.toString();
  }

  /** Everything. */
  static String page(Rollout rollout) {
    List<String> lines = new ArrayList<>();
    lines.add(line(rollout));
    if (!rollout.getWaits().isEmpty()) {
      lines.add("waits for " + rollout.getWaits());
    }
    lines.add("");
    Table groups =
        new Table(
            "group", "devices", "told", "installed", "failed", "not there", "refused", "withdrawn");
    rollout.getGroupsList().forEach(group -> groups.row(cells(group)));
    lines.addAll(groups.lines());
    if (rollout.getFindingsCount() > 0) {
      lines.add("");
      rollout.getFindingsList().forEach(finding -> lines.add(gate(finding)));
    }
    if (rollout.getAttemptsCount() > 0) {
      lines.add("");
      rollout
          .getAttemptsList()
          .forEach(attempt -> lines.add(attempt.getDevice() + ": " + attempt.getReason()));
    }
    lines.add("");
    rollout.getDecisionsList().forEach(decision -> lines.add(decision(decision)));
    return String.join("\n", lines);
  }

  private static String[] cells(RolloutGroup group) {
    return new String[] {
      Integer.toString(group.getNumber()),
      Integer.toString(group.getDevices()),
      Integer.toString(group.getTold()),
      Integer.toString(group.getInstalled()),
      Integer.toString(group.getFailed()),
      Integer.toString(group.getOverdue()),
      Integer.toString(group.getRefused()),
      Integer.toString(group.getWithdrawn())
    };
  }

  private static String gate(GateFinding finding) {
    return "%-9s %-9s %s"
        .formatted(
            word(finding.getGate().name().substring("GATE_".length())),
            word(finding.getVerdict().name().substring("VERDICT_".length())),
            finding.getReason());
  }

  private static String decision(RolloutDecision decision) {
    Instant at = Instant.ofEpochMilli(decision.getAtUnixMs()).truncatedTo(ChronoUnit.SECONDS);
    return at + " " + decision.getReason();
  }

  /** Lines for what was decided between two looks, and the state at the end. */
  static List<String> news(Rollout before, Rollout now) {
    List<String> lines = new ArrayList<>();
    List<RolloutDecision> known = before.getDecisionsList();
    now.getDecisionsList().stream()
        .filter(decision -> !known.contains(decision))
        .forEach(decision -> lines.add(decision(decision)));
    if (over(now)) {
      lines.add(line(now));
    }
    return lines;
  }
}
