package dev.heirloom.control.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.fleet.FieldAccuracy;
import dev.heirloom.actors.fleet.Flag;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.actors.fleet.Origin;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.proto.v1.TeacherFigures;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.measure.Purpose;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Devices and families as JSON; every field with a dimension carries its unit in its name. */
final class FleetJson {
  /** Decisions that a device is listed with; all that are kept are told of a single device. */
  static final int BRIEF = 10;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final FamilyCatalogue catalogue;

  FleetJson(FamilyCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  ObjectNode devices(List<DeviceStatus> devices) {
    ObjectNode all = MAPPER.createObjectNode();
    ArrayNode list = all.putArray("devices");
    devices.forEach(device -> list.add(device(device, BRIEF)));
    return all;
  }

  ObjectNode device(DeviceStatus device, int decisions) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("name", device.name());
    node.put("online", device.online());
    node.put("removed", device.removed());
    node.put("last_seen_unix_ms", device.lastSeen().toEpochMilli());
    node.put("device_class", device.profile().deviceClass());
    ObjectNode labels = node.putObject("labels");
    device.labels().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(label -> labels.put(label.getKey(), label.getValue()));
    node.put("cores", device.profile().cores());
    node.put("threads", device.profile().threads());
    node.put("memory_bytes", device.profile().memoryBytes());
    ArrayNode providers = node.putArray("execution_providers");
    device.profile().executionProviders().forEach(providers::add);
    node.put("agent_version", device.profile().agentVersion());
    node.put("family", device.family().orElse(""));
    node.put("manifest_sha256", device.manifest().map(Digest::hex).orElse(""));
    node.put(
        "rungs",
        device.manifest().flatMap(catalogue::find).map(found -> found.ladder().size()).orElse(0));
    node.put("desired_rung", device.desiredRung());
    node.put("reported_rung", device.reportedRung());
    node.put("pinned_rung", device.pinnedRung());
    node.put("quarantine", device.quarantine().orElse(""));
    device.flag().ifPresentOrElse(flag -> node.set("flag", flag(flag)), () -> node.putNull("flag"));
    device
        .copy()
        .ifPresentOrElse(
            copy ->
                node.putObject("copy")
                    .put("at_unix_ms", copy.at().toEpochMilli())
                    .put("times", copy.times()),
            () -> node.putNull("copy"));
    device
        .fieldAccuracy()
        .ifPresentOrElse(
            field -> node.set("field_accuracy", fieldAccuracy(field)),
            () -> node.putNull("field_accuracy"));
    node.putObject("budget")
        .put("p95_ns", device.budget().p95LatencyNs())
        .put("memory_bytes", device.budget().memoryBytes())
        .put("size_bytes", device.budget().sizeBytes())
        .put("least_accuracy", device.budget().leastAccuracy())
        .put("set_by_operator", device.budgetSetByOperator())
        .set("origins", origins(device.origins()));
    ArrayNode misses = node.putArray("misses");
    device.misses().forEach(miss -> misses.add(miss(miss)));
    device
        .lastWindow()
        .ifPresentOrElse(
            window -> node.set("window", window(window)), () -> node.putNull("window"));
    ArrayNode list = node.putArray("decisions");
    int skipped = Math.max(0, device.decisions().size() - decisions);
    device.decisions().stream().skip(skipped).forEach(decision -> list.add(decision(decision)));
    return node;
  }

  private static ObjectNode origins(Map<LimitKind, Origin> origins) {
    ObjectNode node = MAPPER.createObjectNode();
    for (LimitKind kind : LimitKind.values()) {
      node.put(limit(kind), origins.getOrDefault(kind, Origin.OWN).toString());
    }
    return node;
  }

  private static ObjectNode miss(Miss miss) {
    return MAPPER
        .createObjectNode()
        .put("limit", limit(miss.kind()))
        .put("asked", miss.limit())
        .put("reached", miss.reached())
        .put("by", miss.by());
  }

  /** Names of the limits as in a budget. */
  private static String limit(LimitKind kind) {
    return switch (kind) {
      case MEMORY -> "memory_bytes";
      case SIZE -> "size_bytes";
      case P95_LATENCY -> "p95_ns";
      case ACCURACY -> "least_accuracy";
    };
  }

  private static ObjectNode flag(Flag flag) {
    return MAPPER
        .createObjectNode()
        .put("kind", flag.kind().label())
        .put("reason", flag.reason())
        .put("since_unix_ms", flag.since().toEpochMilli());
  }

  private static ObjectNode fieldAccuracy(FieldAccuracy field) {
    return MAPPER
        .createObjectNode()
        .put("rung", field.rung())
        .put("estimate", field.estimate())
        .put("lower", field.lower())
        .put("upper", field.upper())
        .put("labels", field.labels());
  }

  private static ObjectNode window(WindowReport window) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("sequence", window.sequence());
    node.put("start_unix_ms", window.start().toEpochMilli());
    node.put("duration_ms", window.duration().toMillis());
    node.put("late", window.late());
    if (!Double.isNaN(window.celsius())) {
      node.put("temperature_celsius", window.celsius());
    }
    node.put("rung", window.rung());
    node.put("source", window.source().name().toLowerCase(Locale.ROOT));
    node.set("request", latency(window.request()));
    node.set("session", latency(window.session()));
    node.put("errors", window.errors());
    node.put("labelled", window.labelled());
    node.put("correct", window.correct());
    node.put("probe_samples", window.probeSamples());
    node.put("probe_correct", window.probeCorrect());
    node.put("probe_agreeing", window.probeAgreeing());
    node.put("mean_confidence", window.meanConfidence());
    node.put("mean_entropy_nats", window.meanEntropy());
    node.put("resident_bytes", window.residentBytes());
    node.put("cpu_cores", window.cpuCores());
    return node;
  }

  private static ObjectNode latency(LatencySummary latency) {
    return MAPPER
        .createObjectNode()
        .put("count", latency.count())
        .put("p50_ns", latency.p50Ns())
        .put("p95_ns", latency.p95Ns())
        .put("p99_ns", latency.p99Ns())
        .put("max_ns", latency.maxNs());
  }

  private static ObjectNode decision(Decision decision) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("decision", decision.number());
    node.put("at_unix_ms", decision.at().toEpochMilli());
    node.put("family", decision.family());
    if (decision.fromRung() == 0) {
      node.putNull("from");
    } else {
      node.put("from", decision.fromRung());
    }
    node.put("to", decision.toRung());
    node.put("reason", decision.reason());
    decision
        .outcome()
        .ifPresentOrElse(
            outcome -> node.set("outcome", outcome(outcome)), () -> node.putNull("outcome"));
    return node;
  }

  private static ObjectNode outcome(Outcome outcome) {
    return MAPPER
        .createObjectNode()
        .put("installed", outcome.installed())
        .put("failed_check", outcome.failedCheck())
        .put("message", outcome.message())
        .put("wire_bytes", outcome.wireBytes())
        .put("missing_bytes", outcome.missingBytes())
        .put("fetch_ms", outcome.fetchMs())
        .put("swap_ms", outcome.swapMs());
  }

  static ObjectNode families(List<DirectoryCatalogue.Entry> entries) {
    ObjectNode all = MAPPER.createObjectNode();
    ArrayNode list = all.putArray("families");
    entries.forEach(entry -> list.add(family(entry)));
    return all;
  }

  private static ObjectNode family(DirectoryCatalogue.Entry entry) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("name", entry.family().name());
    node.put("manifest_sha256", entry.family().manifest().hex());
    node.put("published_unix_ms", entry.family().published().toEpochMilli());
    node.put("method", entry.manifest().getMethod());
    node.put("task", Purpose.title(entry.manifest().getTask()));
    node.put("labelled", !entry.manifest().getUnlabelled());
    TeacherFigures teacher = entry.manifest().getTeacher();
    node.putObject("teacher")
        .put("parameters", teacher.getParameters())
        .put("macs", teacher.getMacs())
        .put("size_bytes", teacher.getSizeBytes())
        .put("accuracy", teacher.getAccuracy())
        .put("latency_p50_ns", teacher.getLatencyP50Ns());
    ArrayNode rungs = node.putArray("rungs");
    for (RungFigures rung : entry.family().ladder().rungs()) {
      rungs
          .addObject()
          .put("rung", rung.rung())
          .put("parameters", rung.parameters())
          .put("macs", rung.macs())
          .put("size_bytes", rung.sizeBytes())
          .put("accuracy", rung.accuracy())
          .put("agreement", rung.agreement())
          .put("latency_p50_ns", rung.latencyP50Ns())
          .put("latency_p95_ns", rung.latencyP95Ns())
          .put("memory_bytes", rung.memoryBytes());
    }
    return node;
  }

  static String text(ObjectNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values was not writable", e);
    }
  }
}
