package dev.heirloom.control.grpc;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.CopyRefusal;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FieldAccuracy;
import dev.heirloom.actors.fleet.Flag;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.twin.ToDevice;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FamilySummary;
import dev.heirloom.proto.v1.ProbeTimes;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;

/** The fleet's records as messages. */
final class Outgoing {
  private Outgoing() {}

  static Device device(DeviceStatus status) {
    Device.Builder device =
        Device.newBuilder()
            .setName(status.name())
            .setProfile(profile(status.profile()))
            .setOnline(status.online())
            .setLastSeenUnixMs(status.lastSeen().toEpochMilli())
            .setBudget(budget(status.budget()))
            .setBudgetSetByOperator(status.budgetSetByOperator())
            .setBudgetOrigins(BudgetMessages.origins(status.origins()))
            .addAllMisses(BudgetMessages.misses(status.misses()))
            .setFamily(status.family().orElse(""))
            .setDesiredRung(status.desiredRung())
            .setReportedRung(status.reportedRung())
            .setPinnedRung(status.pinnedRung())
            .setQuarantine(status.quarantine().orElse(""))
            .putAllOperatorLabels(status.operatorLabels())
            .setRemoved(status.removed());
    status.manifest().ifPresent(manifest -> device.setManifestSha256(manifest.bytes()));
    status.flag().ifPresent(flag -> device.setFlag(flag(flag)));
    status.copy().ifPresent(copy -> device.setCopy(copy(copy)));
    status.fieldAccuracy().ifPresent(field -> device.setFieldAccuracy(fieldAccuracy(field)));
    status.lastWindow().ifPresent(window -> device.setLastWindow(window(window)));
    status.lastTrial().ifPresent(trial -> device.setLastShadow(shadowReport(trial)));
    status.decisions().forEach(decision -> device.addDecisions(decision(decision)));
    return device.build();
  }

  private static dev.heirloom.proto.v1.CopyRefusal copy(CopyRefusal copy) {
    return dev.heirloom.proto.v1.CopyRefusal.newBuilder()
        .setAtUnixMs(copy.at().toEpochMilli())
        .setTimes(copy.times())
        .build();
  }

  private static dev.heirloom.proto.v1.Flag flag(Flag flag) {
    return dev.heirloom.proto.v1.Flag.newBuilder()
        .setKind(
            switch (flag.kind()) {
              case UNDER_FLOOR -> dev.heirloom.proto.v1.Flag.Kind.KIND_UNDER_FLOOR;
              case DRIFTED -> dev.heirloom.proto.v1.Flag.Kind.KIND_DRIFTED;
            })
        .setReason(flag.reason())
        .setSinceUnixMs(flag.since().toEpochMilli())
        .build();
  }

  private static dev.heirloom.proto.v1.FieldAccuracy fieldAccuracy(FieldAccuracy field) {
    return dev.heirloom.proto.v1.FieldAccuracy.newBuilder()
        .setRung(field.rung())
        .setEstimate(field.estimate())
        .setLower(field.lower())
        .setUpper(field.upper())
        .setLabels(field.labels())
        .build();
  }

  private static dev.heirloom.proto.v1.DeviceProfile profile(DeviceProfile profile) {
    dev.heirloom.proto.v1.DeviceProfile.Builder message =
        dev.heirloom.proto.v1.DeviceProfile.newBuilder()
            .setDeviceClass(profile.deviceClass())
            .setCores(profile.cores())
            .setMemoryBytes(profile.memoryBytes())
            .addAllExecutionProviders(profile.executionProviders())
            .putAllLabels(profile.labels())
            .setAgentVersion(profile.agentVersion())
            .setThreads(profile.threads());
    if (profile.probes().known()) {
      message.setProbes(
          ProbeTimes.newBuilder()
              .setProbeSet(profile.probes().version())
              .addAllNs(profile.probes().ns()));
    }
    return message.build();
  }

  static dev.heirloom.proto.v1.Budget budget(Budget budget) {
    return dev.heirloom.proto.v1.Budget.newBuilder()
        .setP95LatencyNs(budget.p95LatencyNs())
        .setMemoryBytes(budget.memoryBytes())
        .setSizeBytes(budget.sizeBytes())
        .setLeastAccuracy(budget.leastAccuracy())
        .build();
  }

  private static Window window(WindowReport window) {
    Window.Builder message =
        Window.newBuilder()
            .setSequence(window.sequence())
            .setStartUnixMs(window.start().toEpochMilli())
            .setDurationMs((int) window.duration().toMillis())
            .setFamily(window.family())
            .setManifestSha256(window.manifest().bytes())
            .setRung(window.rung())
            .setSource(
                switch (window.source()) {
                  case TRAFFIC -> Source.SOURCE_TRAFFIC;
                  case PROBE -> Source.SOURCE_PROBE;
                })
            .setRequest(latency(window.request()))
            .setSession(latency(window.session()))
            .setErrors(window.errors())
            .setLabelled(window.labelled())
            .setCorrect(window.correct())
            .setProbeSamples(window.probeSamples())
            .setProbeCorrect(window.probeCorrect())
            .setProbeAgreeing(window.probeAgreeing())
            .setMeanConfidence(window.meanConfidence())
            .setMeanEntropy(window.meanEntropy())
            .setResidentBytes(window.residentBytes())
            .setCpuCores(window.cpuCores())
            .setLate(window.late());
    if (window.firstSequence() != window.sequence()) {
      message.setFirstSequence(window.firstSequence());
    }
    if (!Double.isNaN(window.celsius())) {
      message.setTemperatureCelsius(window.celsius());
    }
    return message.build();
  }

  private static dev.heirloom.proto.v1.LatencySummary latency(LatencySummary latency) {
    return dev.heirloom.proto.v1.LatencySummary.newBuilder()
        .setCount(latency.count())
        .setP50Ns(latency.p50Ns())
        .setP95Ns(latency.p95Ns())
        .setP99Ns(latency.p99Ns())
        .setMaxNs(latency.maxNs())
        .build();
  }

  private static Decision decision(dev.heirloom.actors.fleet.Decision decision) {
    Decision.Builder message =
        Decision.newBuilder()
            .setDecision(decision.number())
            .setAtUnixMs(decision.at().toEpochMilli())
            .setFamily(decision.family())
            .setFromRung(decision.fromRung())
            .setToRung(decision.toRung())
            .setReason(decision.reason());
    decision.outcome().ifPresent(outcome -> message.setOutcome(outcome(outcome)));
    return message.build();
  }

  private static dev.heirloom.proto.v1.Outcome outcome(Outcome outcome) {
    return dev.heirloom.proto.v1.Outcome.newBuilder()
        .setDecision(outcome.decision())
        .setFamily(outcome.family())
        .setManifestSha256(outcome.manifest().bytes())
        .setRung(outcome.rung())
        .setStatus(
            outcome.installed()
                ? dev.heirloom.proto.v1.Outcome.Status.STATUS_INSTALLED
                : dev.heirloom.proto.v1.Outcome.Status.STATUS_FAILED)
        .setFailedCheck(outcome.failedCheck())
        .setMessage(outcome.message())
        .setWireBytes(outcome.wireBytes())
        .setMissingBytes(outcome.missingBytes())
        .setFetchMs((int) outcome.fetchMs())
        .setSwapMs((int) outcome.swapMs())
        .build();
  }

  /** An order without what permits it. */
  static Desired.Builder desired(ToDevice.Assign assign) {
    return Desired.newBuilder()
        .setDecision(assign.decision())
        .setFamily(assign.family())
        .setManifest(
            Blob.newBuilder()
                .setSha256(assign.manifest().bytes())
                .setSizeBytes(assign.manifestBytes()))
        .setRung(assign.rung())
        .setReason(assign.reason());
  }

  /** A trial without what permits it. */
  static Shadow.Builder shadow(ToDevice.TryOut trial) {
    return Shadow.newBuilder()
        .setTrial(trial.trial())
        .setFamily(trial.family())
        .setManifest(
            Blob.newBuilder()
                .setSha256(trial.manifest().bytes())
                .setSizeBytes(trial.manifestBytes()))
        .setRung(trial.rung())
        .setShare(trial.terms().share())
        .setRequests(trial.terms().requests())
        .setLongestMs((int) trial.terms().longest().toMillis());
  }

  private static ShadowReport shadowReport(Trial trial) {
    return ShadowReport.newBuilder()
        .setTrial(trial.number())
        .setManifestSha256(trial.manifest().bytes())
        .setRung(trial.rung())
        .setServingRung(trial.servingRung())
        .setFailure(trial.failure())
        .setServing(latency(trial.serving()))
        .setCandidate(latency(trial.candidate()))
        .setAnswers(trial.answers())
        .setAgreeing(trial.agreeing())
        .setLabelled(trial.labelled())
        .setServingCorrect(trial.servingCorrect())
        .setCandidateCorrect(trial.candidateCorrect())
        .build();
  }

  static FamilySummary family(DirectoryCatalogue.Entry entry) {
    return FamilySummary.newBuilder()
        .setName(entry.family().name())
        .setManifestSha256(entry.family().manifest().bytes())
        .setPublishedUnixMs(entry.family().published().toEpochMilli())
        .setTeacher(entry.manifest().getTeacher())
        .addAllRungs(entry.manifest().getRungsList())
        .build();
  }
}
