package dev.heirloom.control.http;

import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.fleet.FieldAccuracy;
import dev.heirloom.actors.fleet.Flag;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.rollout.Phase;
import dev.heirloom.actors.rollout.RolloutStatus;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.fleet.FleetMirror;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.tailor.TailorMeters;
import dev.heirloom.transport.grpc.RequestFault;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Prometheus is told. No label names a device: labels are families, rungs and words from fixed
 * lists, so the number of series does not grow with the fleet.
 */
public final class FleetMetrics implements Meters, TailorMeters, FleetMirror.Observer {
  private static final double NS = 1e-9;
  private static final double[] LATENCY_BUCKETS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5
  };

  // Those of the guard before every service, and those of a device's stream.
  private static final List<String> MESSAGE_KINDS =
      Stream.concat(
              Arrays.stream(RequestFault.values()).map(RequestFault::label),
              Stream.of("window", "stream", "rate"))
          .toList();

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final FamilyCatalogue catalogue;
  private final Instant started;
  private volatile Supplier<List<DeviceStatus>> devices = List::of;

  private final Counter windows =
      counter("heirloom_windows_total", "Windows that devices reported.", "source");
  private final Map<String, RolloutStatus> rollouts = new ConcurrentHashMap<>();
  private final Counter rolloutPhases =
      counter("heirloom_rollout_changes_total", "Phases that rollouts have come to.", "phase");
  private final Counter decisions =
      counter("heirloom_decisions_total", "Decisions about a device's rung.", "kind");
  private final Counter outcomes =
      counter("heirloom_outcomes_total", "Answers of devices to decisions.", "result");
  private final Counter sent =
      counter("heirloom_fetched_bytes_total", "Bytes of blobs and models that calls were given.");
  private final Counter dropped =
      counter("heirloom_transfers_dropped_total", "Transfers whose reader was too slow.");
  private final Counter published =
      counter("heirloom_published_total", "Family versions that were published.");
  private final Counter publishedBytes =
      counter("heirloom_published_bytes_total", "Bytes of blobs that publishers sent.");
  private final Counter collectedBytes =
      counter("heirloom_collected_bytes_total", "Bytes of unused blobs that were removed.");
  private final Gauge storedBytes =
      Gauge.builder()
          .name("heirloom_stored_bytes")
          .help("Bytes of blobs on the disk, when they were last collected.")
          .register(registry);
  private final Counter tailored =
      counter("heirloom_tailor_requests_total", "Heirs that clients asked for.", "cache");
  private final Counter assemblies =
      counter("heirloom_tailor_assemblies_total", "Heirs that were assembled.", "result");
  private final Gauge tailoredBytes =
      Gauge.builder()
          .name("heirloom_tailor_cache_bytes")
          .help("Bytes of assembled heirs that are kept.")
          .register(registry);
  private final Counter calls =
      counter("heirloom_grpc_calls_total", "gRPC calls that ended.", "method", "code");
  private final Counter refused =
      counter("heirloom_refused_calls_total", "Calls that were refused, by why.", "kind");
  private final Counter refusedMessages =
      counter("heirloom_refused_messages_total", "Messages that were refused, by why.", "kind");
  private final Counter heldMessages =
      counter("heirloom_held_messages_total", "Messages of devices that came too fast and waited.");
  private final Histogram p95 =
      Histogram.builder()
          .name("heirloom_window_request_p95_seconds")
          .help("95th percentile of the request latency of each reported window.")
          .labelNames("family", "rung")
          .classicOnly()
          .classicUpperBounds(LATENCY_BUCKETS)
          .register(registry);

  public FleetMetrics(FamilyCatalogue catalogue, Clock clock) {
    this.catalogue = catalogue;
    this.started = clock.instant();
    // A series that exists from the start can be alerted on before the first event.
    for (String source : List.of("traffic", "probe")) {
      windows.initLabelValues(source);
    }
    for (Kind kind : Kind.values()) {
      decisions.initLabelValues(kind.label());
    }
    for (Refusal.Kind kind : Refusal.Kind.values()) {
      refused.initLabelValues(kind.label());
    }
    for (String kind : MESSAGE_KINDS) {
      refusedMessages.initLabelValues(kind);
    }
    for (String result : List.of("installed", "failed")) {
      outcomes.initLabelValues(result);
    }
    for (String cache : List.of("hit", "miss")) {
      tailored.initLabelValues(cache);
    }
    for (String result : List.of("assembled", "failed")) {
      assemblies.initLabelValues(result);
    }
    registerFleet();
    registerRollouts();
    JvmMetrics.builder().register(registry);
  }

  /** What a decision did to a rung. */
  private enum Kind {
    ASSIGNED,
    PROMOTED,
    DEMOTED,
    KEPT;

    static Kind of(Decision decision) {
      if (decision.fromRung() == 0) {
        return ASSIGNED;
      }
      int step = Integer.compare(decision.toRung(), decision.fromRung());
      return step > 0 ? PROMOTED : step < 0 ? DEMOTED : KEPT;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A rollout was changed; what counts is how far it is, not which. */
  public void changed(RolloutStatus rollout) {
    RolloutStatus before = rollouts.put(rollout.name(), rollout);
    if (before != null && before.phase() != rollout.phase()) {
      rolloutPhases.labelValues(rollout.phase().label()).inc();
    }
  }

  private void registerRollouts() {
    gauge("heirloom_rollouts", "Rollouts that are known.", "phase")
        .callback(
            values -> {
              for (Phase phase : Phase.values()) {
                long count = rollouts.values().stream().filter(r -> r.phase() == phase).count();
                values.call((double) count, phase.label());
              }
            })
        .register(registry);
    gauge("heirloom_rollout_devices", "Devices of rollouts that are not over.", "state")
        .callback(
            values -> {
              rolloutDevices(values, "waiting", g -> g.devices() - g.told());
              rolloutDevices(values, "installing", RolloutStatus.Group::open);
              rolloutDevices(values, "installed", RolloutStatus.Group::installed);
              rolloutDevices(values, "failed", RolloutStatus.Group::failed);
              rolloutDevices(values, "overdue", RolloutStatus.Group::overdue);
              rolloutDevices(values, "refused", RolloutStatus.Group::refused);
              rolloutDevices(values, "withdrawn", RolloutStatus.Group::withdrawn);
            })
        .register(registry);
    for (Phase phase : Phase.values()) {
      rolloutPhases.initLabelValues(phase.label());
    }
  }

  private void rolloutDevices(
      GaugeWithCallback.Callback values, String state, ToLongFunction<RolloutStatus.Group> of) {
    long devices =
        rollouts.values().stream()
            .filter(rollout -> !rollout.phase().over())
            .flatMap(rollout -> rollout.groups().stream())
            .mapToLong(of)
            .sum();
    values.call((double) devices, state);
  }

  /** Where the jobs are to be seen. */
  public void observeJobs(Supplier<JobBoard> board, Clock clock) {
    JobMetrics.register(registry, board, clock);
  }

  /** Where the devices are to be seen from now on. */
  public void observe(Supplier<List<DeviceStatus>> fleet) {
    devices = fleet;
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private void registerFleet() {
    gauge("heirloom_devices", "Devices that are known.", "state")
        .callback(
            values -> {
              List<DeviceStatus> all = devices.get();
              int online = (int) all.stream().filter(DeviceStatus::online).count();
              values.call(online, "online");
              values.call(all.size() - online, "offline");
            })
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_devices_over_budget")
        .help("Online devices whose newest window exceeds their latency budget.")
        .callback(
            values ->
                values.call(
                    (double) devices.get().stream().filter(DeviceStatus::overBudget).count()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_devices_in_quarantine")
        .help("Devices on which nothing more of their family is tried until an operator says so.")
        .callback(
            values ->
                values.call(
                    (double)
                        devices.get().stream()
                            .filter(device -> device.quarantine().isPresent())
                            .count()))
        .register(registry);
    gauge("heirloom_devices_serving", "Online devices by what they serve.", "family", "rung")
        .callback(
            values ->
                serving()
                    .forEach((rung, on) -> values.call(on.size(), rung.family(), rung.number())))
        .register(registry);
    gauge(
            "heirloom_request_latency_seconds",
            "Median over the online devices of each one's quantile in its newest window.",
            "family",
            "rung",
            "quantile")
        .callback(
            values -> {
              latency(values, "0.5", LatencySummary::p50Ns);
              latency(values, "0.95", LatencySummary::p95Ns);
              latency(values, "0.99", LatencySummary::p99Ns);
            })
        .register(registry);
    registerAccuracy();
  }

  private void registerAccuracy() {
    gauge("heirloom_devices_flagged", "Devices whose accuracy somebody shall look at.", "kind")
        .callback(
            values -> {
              for (Flag.Kind kind : Flag.Kind.values()) {
                values.call((double) flagged(kind), kind.label());
              }
            })
        .register(registry);
    gauge(
            "heirloom_field_accuracy_ratio",
            "Share of labelled answers that were right, over what is known of online devices.",
            "family",
            "rung")
        .callback(
            values ->
                measured()
                    .forEach(
                        (rung, all) ->
                            values.call(
                                all.stream().mapToDouble(a -> a.estimate() * a.labels()).sum()
                                    / labels(all),
                                rung.family(),
                                rung.number())))
        .register(registry);
    gauge(
            "heirloom_field_accuracy_labels",
            "Labels that the field accuracy of online devices is known by.",
            "family",
            "rung")
        .callback(
            values ->
                measured()
                    .forEach((rung, all) -> values.call(labels(all), rung.family(), rung.number())))
        .register(registry);
  }

  private long flagged(Flag.Kind kind) {
    return devices.get().stream()
        .filter(device -> device.flag().filter(flag -> flag.kind() == kind).isPresent())
        .count();
  }

  /** What is known of the accuracy of online devices, by the rung that it is of. */
  private Map<RungLabels, List<FieldAccuracy>> measured() {
    Map<RungLabels, List<FieldAccuracy>> all = new TreeMap<>();
    for (DeviceStatus device : devices.get()) {
      if (device.online() && device.family().isPresent()) {
        device
            .fieldAccuracy()
            .filter(accuracy -> accuracy.labels() > 0)
            .ifPresent(
                accuracy ->
                    all.computeIfAbsent(
                            RungLabels.of(device.family().get(), accuracy.rung()),
                            rung -> new ArrayList<>())
                        .add(accuracy));
      }
    }
    return all;
  }

  private static double labels(List<FieldAccuracy> all) {
    return (double) all.stream().mapToLong(FieldAccuracy::labels).sum();
  }

  private static GaugeWithCallback.Builder gauge(String name, String help, String... labels) {
    return GaugeWithCallback.builder().name(name).help(help).labelNames(labels);
  }

  /** A rung of a family as labels. */
  private record RungLabels(String family, String number) implements Comparable<RungLabels> {
    static RungLabels of(String family, int rung) {
      return new RungLabels(family, Integer.toString(rung));
    }

    @Override
    public int compareTo(RungLabels other) {
      int byFamily = family.compareTo(other.family);
      return byFamily != 0 ? byFamily : number.compareTo(other.number);
    }
  }

  private Map<RungLabels, List<DeviceStatus>> serving() {
    return devices.get().stream()
        .filter(device -> device.online() && device.reportedRung() > 0)
        .filter(device -> device.family().isPresent())
        .collect(
            Collectors.groupingBy(
                device -> RungLabels.of(device.family().orElse(""), device.reportedRung()),
                TreeMap::new,
                Collectors.toList()));
  }

  private void latency(
      GaugeWithCallback.Callback values, String quantile, ToLongFunction<LatencySummary> ofWindow) {
    serving()
        .forEach(
            (rung, on) -> {
              long[] sorted =
                  on.stream()
                      .flatMap(device -> device.lastWindow().stream())
                      .map(WindowReport::request)
                      .filter(request -> request.count() > 0)
                      .mapToLong(ofWindow)
                      .sorted()
                      .toArray();
              if (sorted.length > 0) {
                values.call(median(sorted) * NS, rung.family(), rung.number(), quantile);
              }
            });
  }

  private static double median(long[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }

  @Override
  public void window(WindowReport window) {
    windows.labelValues(window.source().name().toLowerCase(Locale.ROOT)).inc();
    // Only what was published becomes a label: the name comes from a device.
    catalogue
        .find(window.manifest())
        .filter(family -> window.request().count() > 0 && window.rung() <= family.ladder().size())
        .ifPresent(
            family ->
                p95.labelValues(family.name(), Integer.toString(window.rung()))
                    .observe(window.request().p95Ns() * NS));
  }

  @Override
  public void sent(long bytes) {
    sent.inc(bytes);
  }

  @Override
  public void dropped() {
    dropped.inc();
  }

  @Override
  public void published(long receivedBytes) {
    published.inc();
    publishedBytes.inc(receivedBytes);
  }

  @Override
  public void collected(long bytes, long left) {
    collectedBytes.inc(bytes);
    storedBytes.set((double) left);
  }

  @Override
  public void asked(boolean hit) {
    tailored.labelValues(hit ? "hit" : "miss").inc();
  }

  @Override
  public void assembled(boolean succeeded) {
    assemblies.labelValues(succeeded ? "assembled" : "failed").inc();
  }

  @Override
  public void kept(long bytes) {
    tailoredBytes.set((double) bytes);
  }

  @Override
  public void refused(String kind) {
    refused.labelValues(kind).inc();
  }

  @Override
  public void refusedMessage(String kind) {
    refusedMessages.labelValues(kind).inc();
  }

  @Override
  public void heldMessage() {
    heldMessages.inc();
  }

  @Override
  public void callEnded(String method, String code) {
    calls.labelValues(method, code).inc();
  }

  @Override
  public void changed(Optional<DeviceStatus> before, DeviceStatus now) {
    long counted = before.map(FleetMetrics::lastDecision).orElse(0L);
    for (Decision decision : now.decisions()) {
      // What the journal tells after a start was counted by the process that decided it.
      if (decision.number() > counted && !decision.at().isBefore(started)) {
        decisions.labelValues(Kind.of(decision).label()).inc();
      }
      if (decision.outcome().isPresent()
          && before.isPresent()
          && !answered(before.get(), decision)) {
        outcomes.labelValues(decision.outcome().get().installed() ? "installed" : "failed").inc();
      }
    }
  }

  private static long lastDecision(DeviceStatus device) {
    List<Decision> all = device.decisions();
    return all.isEmpty() ? 0 : all.get(all.size() - 1).number();
  }

  private static boolean answered(DeviceStatus device, Decision decision) {
    return device.decisions().stream()
        .anyMatch(known -> known.number() == decision.number() && known.outcome().isPresent());
  }

  /** Everything in Prometheus' text format. */
  String text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
