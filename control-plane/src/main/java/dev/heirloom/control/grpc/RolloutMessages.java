package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.AttemptEnd;
import dev.heirloom.actors.rollout.Gates;
import dev.heirloom.actors.rollout.GroupSize;
import dev.heirloom.actors.rollout.LogEntry;
import dev.heirloom.actors.rollout.MaintenanceWindow;
import dev.heirloom.actors.rollout.Pace;
import dev.heirloom.actors.rollout.RolloutPlan;
import dev.heirloom.actors.rollout.RolloutStatus;
import dev.heirloom.proto.v1.GateFinding;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutAttempt;
import dev.heirloom.proto.v1.RolloutDecision;
import dev.heirloom.proto.v1.RolloutGates;
import dev.heirloom.proto.v1.RolloutGroup;
import dev.heirloom.proto.v1.RolloutGroupSize;
import dev.heirloom.proto.v1.RolloutPace;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.runtime.family.Digest;
import java.util.List;
import java.util.Map;

/** Rollouts as messages, and what operators ask of them as records. */
final class RolloutMessages {
  private static final List<GroupSize> USUAL =
      List.of(new GroupSize(1, true), new GroupSize(10, true), new GroupSize(50, true));

  private RolloutMessages() {}

  static RolloutPlan plan(RolloutSpec spec, PublishedFamily target, PublishedFamily previous) {
    Map<String, String> selector = Incoming.selector(spec.getSelectorMap());
    return Incoming.checked(
        "spec",
        () ->
            new RolloutPlan(
                target.name(),
                target.manifest().hex(),
                previous.manifest().hex(),
                selector,
                spec.getGroupsCount() == 0
                    ? USUAL
                    : spec.getGroupsList().stream().map(RolloutMessages::size).toList(),
                gates(spec.getGates()),
                pace(spec.getPace()),
                spec.getWindowsList().stream()
                    .map(w -> new MaintenanceWindow(w.getFromMinute(), w.getToMinute()))
                    .toList()));
  }

  private static GroupSize size(RolloutGroupSize size) {
    return size.getSizeCase() == RolloutGroupSize.SizeCase.PERCENT
        ? new GroupSize(size.getPercent(), true)
        : new GroupSize(Integer.toUnsignedLong(size.getDevices()), false);
  }

  static Gates gates(RolloutGates gates) {
    Gates usual = Gates.DEFAULT;
    tolerates(
        "gates.most_accuracy_loss", gates.hasMostAccuracyLoss(), gates.getMostAccuracyLoss(), 0);
    tolerates("gates.most_p95_ratio", gates.hasMostP95Ratio(), gates.getMostP95Ratio(), 1);
    tolerates("gates.most_drift", gates.hasMostDrift(), gates.getMostDrift(), 0);
    return new Gates(
        gates.hasLeastSuccess() ? gates.getLeastSuccess() : usual.leastSuccess(),
        gates.getAccuracyOff()
            ? Gates.ABSENT
            : gates.hasMostAccuracyLoss() ? gates.getMostAccuracyLoss() : usual.mostAccuracyLoss(),
        gates.getP95Off()
            ? Gates.ABSENT
            : gates.hasMostP95Ratio() ? gates.getMostP95Ratio() : usual.mostP95Ratio(),
        gates.getDriftOff()
            ? Gates.ABSENT
            : gates.hasMostDrift() ? gates.getMostDrift() : usual.mostDrift(),
        gates.hasLeastWindows() ? gates.getLeastWindows() : usual.leastWindows(),
        gates.hasLeastLabels() ? gates.getLeastLabels() : usual.leastLabels());
  }

  /** What is measured has an error, and an interval never keeps a threshold of no change. */
  private static void tolerates(String name, boolean asked, double value, double noChange) {
    if (asked && value == noChange) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: more; it could never pass, and off leaves it out)");
    }
  }

  private static Pace pace(RolloutPace pace) {
    Pace usual = Pace.DEFAULT;
    long soak = pace.getLeastSoakMs() == -1 ? 0 : or(pace.getLeastSoakMs(), usual.leastSoakMs());
    return new Pace(
        or(pace.getLongestBaselineMs(), usual.longestBaselineMs()),
        or(pace.getAttemptMs(), usual.attemptMs()),
        soak,
        or(pace.getLongestSoakMs(), Math.max(soak, usual.longestSoakMs())),
        pace.getAttempts() == 0 ? usual.attempts() : pace.getAttempts());
  }

  private static long or(long given, long usual) {
    return given == 0 ? usual : given;
  }

  /** Without what a list has no room for. */
  static Rollout brief(RolloutStatus rollout) {
    Rollout.Builder message = rollout(rollout).toBuilder().clearAttempts().clearDecisions();
    if (!rollout.log().isEmpty()) {
      message.addDecisions(decision(rollout.log().get(rollout.log().size() - 1)));
    }
    return message.build();
  }

  static Rollout rollout(RolloutStatus rollout) {
    Rollout.Builder message =
        Rollout.newBuilder()
            .setSpec(spec(rollout))
            .setPreviousManifestSha256(bytes(rollout.plan().previous()))
            .setPhase(Rollout.Phase.valueOf("PHASE_" + rollout.phase().name()))
            .setPaused(rollout.paused())
            .setCreatedUnixMs(rollout.createdMs())
            .setChangedUnixMs(rollout.changedMs())
            .setGroup(rollout.group())
            .setStage(Rollout.Stage.valueOf("STAGE_" + rollout.stage().name()))
            .setWaits(rollout.waits())
            .setTouched(rollout.touched())
            .setBack(rollout.back());
    rollout.groups().forEach(group -> message.addGroups(group(group)));
    rollout.findings().forEach(finding -> message.addFindings(finding(finding)));
    rollout.attempts().forEach(attempt -> message.addAttempts(attempt(attempt)));
    rollout.log().forEach(entry -> message.addDecisions(decision(entry)));
    return message.build();
  }

  private static RolloutSpec spec(RolloutStatus rollout) {
    RolloutPlan plan = rollout.plan();
    RolloutSpec.Builder spec =
        RolloutSpec.newBuilder()
            .setName(rollout.name())
            .setFamily(plan.family())
            .setManifestSha256(bytes(plan.target()))
            .putAllSelector(plan.selector())
            .setGates(gates(plan.gates()))
            .setPace(pace(plan.pace()));
    plan.groups().forEach(size -> spec.addGroups(size(size)));
    plan.windows()
        .forEach(
            window ->
                spec.addWindowsBuilder()
                    .setFromMinute(window.fromMinute())
                    .setToMinute(window.toMinute()));
    return spec.build();
  }

  private static RolloutGroupSize size(GroupSize size) {
    RolloutGroupSize.Builder message = RolloutGroupSize.newBuilder();
    return size.percent()
        ? message.setPercent(size.amount()).build()
        : message.setDevices((int) size.amount()).build();
  }

  private static RolloutGates gates(Gates gates) {
    RolloutGates.Builder message =
        RolloutGates.newBuilder()
            .setLeastSuccess(gates.leastSuccess())
            .setLeastWindows(gates.leastWindows())
            .setLeastLabels(gates.leastLabels())
            .setAccuracyOff(gates.mostAccuracyLoss() == Gates.ABSENT)
            .setP95Off(gates.mostP95Ratio() == Gates.ABSENT)
            .setDriftOff(gates.mostDrift() == Gates.ABSENT);
    if (!message.getAccuracyOff()) {
      message.setMostAccuracyLoss(gates.mostAccuracyLoss());
    }
    if (!message.getP95Off()) {
      message.setMostP95Ratio(gates.mostP95Ratio());
    }
    if (!message.getDriftOff()) {
      message.setMostDrift(gates.mostDrift());
    }
    return message.build();
  }

  private static RolloutPace pace(Pace pace) {
    return RolloutPace.newBuilder()
        .setLongestBaselineMs(pace.longestBaselineMs())
        .setAttemptMs(pace.attemptMs())
        .setLeastSoakMs(pace.leastSoakMs() == 0 ? -1 : pace.leastSoakMs())
        .setLongestSoakMs(pace.longestSoakMs())
        .setAttempts(pace.attempts())
        .build();
  }

  private static RolloutGroup group(RolloutStatus.Group group) {
    return RolloutGroup.newBuilder()
        .setNumber(group.number())
        .setDevices(group.devices())
        .setTold(group.told())
        .setInstalled(group.installed())
        .setFailed(group.failed())
        .setOverdue(group.overdue())
        .setRefused(group.refused())
        .setWithdrawn(group.withdrawn())
        .build();
  }

  private static GateFinding finding(dev.heirloom.actors.rollout.GateFinding finding) {
    GateFinding.Builder message =
        GateFinding.newBuilder()
            .setGate(GateFinding.Gate.valueOf("GATE_" + finding.gate().name()))
            .setVerdict(GateFinding.Verdict.valueOf("VERDICT_" + finding.verdict().name()))
            .setThreshold(finding.threshold())
            .setReason(finding.reason());
    if (!Double.isNaN(finding.value())) {
      message.setValue(finding.value());
    }
    return message.build();
  }

  private static RolloutAttempt attempt(AttemptEnd end) {
    RolloutAttempt.Result result =
        switch (end.result()) {
          case FAILED -> RolloutAttempt.Result.RESULT_FAILED;
          case OVERDUE -> RolloutAttempt.Result.RESULT_OVERDUE;
          case REFUSED -> RolloutAttempt.Result.RESULT_REFUSED;
          case WITHDRAWN -> RolloutAttempt.Result.RESULT_WITHDRAWN;
          case INSTALLED -> RolloutAttempt.Result.RESULT_UNSPECIFIED;
        };
    return RolloutAttempt.newBuilder()
        .setDevice(end.device())
        .setResult(result)
        .setReason(end.reason())
        .build();
  }

  private static RolloutDecision decision(LogEntry entry) {
    return RolloutDecision.newBuilder().setAtUnixMs(entry.atMs()).setReason(entry.reason()).build();
  }

  private static ByteString bytes(String hex) {
    return Digest.parse(hex).bytes();
  }
}
