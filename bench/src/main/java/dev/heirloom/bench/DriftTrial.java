package dev.heirloom.bench;

import dev.heirloom.bench.grpc.DriftingTraffic;
import dev.heirloom.bench.grpc.LocalClient;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.DemoFamily;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.control.demo.Disturbance;
import dev.heirloom.control.demo.ShapeSamples;
import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Limits;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.sample.SampleSet;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Devices whose inputs get worse while their labels are told. */
final class DriftTrial {
  private static final DemoFamily FAMILY = new DemoFamily(4, 6, 200, 200);
  private static final Duration WINDOW = Duration.ofSeconds(2);
  private static final int PER_SECOND = 40;
  private static final int SAMPLES = 300;
  private static final double POINTS_UNDER = 0.08;
  private static final int BASE_WINDOWS = 4;
  private static final int PATIENT_WINDOWS = 60;

  /** Standard deviations of the noise, in brightness, one after the other. */
  private static final List<Double> NOISE = List.of(0.0, 0.04, 0.08, 0.12, 0.18, 0.25, 0.35);

  private static final int WINDOWS_PER_LEVEL = 3;
  private static final int LAST_WINDOWS = 12;

  private static final List<String> NAMES = List.of("with-room", "smallest-only");

  private final Run run;
  private final Family family;
  private final DemoFleet fleet;
  private final WindowLog log;
  private final List<DriftingTraffic> traffic = new ArrayList<>();

  private DriftTrial(Run run, Family family, DemoFleet fleet, WindowLog log) {
    this.run = run;
    this.family = family;
    this.fleet = fleet;
    this.log = log;
  }

  static Figures run(Run run, Path directory) throws Exception {
    run.say().accept("inheriting the demo's teacher");
    Files.createDirectories(directory);
    Family family = FAMILY.inherit(directory, new QuietProgress(run.interrupted()));
    try (DemoFleet fleet = DemoFleet.startApart(directory);
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      DriftTrial trial = new DriftTrial(run, family, fleet, new WindowLog(run, fleet, watch));
      try {
        return trial.run();
      } finally {
        trial.traffic.forEach(DriftingTraffic::close);
      }
    }
  }

  private Figures run() throws Exception {
    long roomyUs = new Budgets(family.ladder()).roomyNs() / 1000;
    List<SampleSet> levels =
        NOISE.stream()
            .map(deviation -> ShapeSamples.render(SAMPLES, 11, new Disturbance.Noise(deviation)))
            .toList();
    for (String name : NAMES) {
      start(name, roomyUs, levels);
    }
    await("every device was measured", BASE_WINDOWS + 4);
    List<Double> floors = new ArrayList<>();
    for (String name : NAMES) {
      floors.add(giveFloor(name));
    }
    int[] from = NAMES.stream().mapToInt(name -> log.of(name).size()).toArray();
    int levelCount = run.quick() ? 4 : NOISE.size();
    for (int level = 1; level < levelCount; level++) {
      int next = run.quick() ? 2 * level : level;
      traffic.forEach(each -> each.setLevel(next));
      awaitMore(WINDOWS_PER_LEVEL);
    }
    awaitMore(run.quick() ? 6 : LAST_WINDOWS);
    return figures(floors, from);
  }

  private void start(String name, long roomyUs, List<SampleSet> levels) throws Exception {
    int port = freePort();
    List<String> options =
        new ArrayList<>(
            List.of(
                "--p95-budget",
                roomyUs + "us",
                "--label",
                "view=" + name,
                "--serve",
                Integer.toString(port)));
    if (name.equals("smallest-only")) {
      options.addAll(List.of("--size-budget", Long.toString(family.ladder().rung(1).sizeBytes())));
    }
    fleet.startAgent(name, WINDOW, options);
    LoadFleet.require(
        name + " listens",
        log.until(WINDOW.multipliedBy(PATIENT_WINDOWS), () -> LocalClient.listens(port)));
    DriftingTraffic asking = new DriftingTraffic(port, family.manifest(), levels);
    traffic.add(asking);
    asking.start(PER_SECOND);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void await(String what, int windows) throws Exception {
    LoadFleet.require(
        what,
        log.until(
            WINDOW.multipliedBy(PATIENT_WINDOWS),
            () ->
                NAMES.stream()
                    .allMatch(
                        name ->
                            log.of(name).stream().filter(Silence::labelled).count() >= windows)));
  }

  private void awaitMore(int windows) throws Exception {
    int most = NAMES.stream().mapToInt(name -> log.of(name).size()).max().orElse(0);
    LoadFleet.require(
        "every device reports",
        log.until(
            WINDOW.multipliedBy(PATIENT_WINDOWS),
            () -> NAMES.stream().allMatch(name -> log.of(name).size() >= most + windows)));
  }

  /** Asks for a least accuracy that lies under what a device had so far. */
  private double giveFloor(String name) throws Exception {
    List<WindowLog.Seen> all = log.of(name).stream().filter(Silence::labelled).toList();
    double accuracy =
        all.subList(all.size() - BASE_WINDOWS, all.size()).stream()
            .mapToDouble(Silence::accuracy)
            .average()
            .orElseThrow();
    double floor = Math.max(0, accuracy - POINTS_UNDER);
    fleet
        .client()
        .setBudgetRule(
            BudgetRule.newBuilder()
                .setName(name)
                .putSelector("view", name)
                .setLimits(Limits.newBuilder().setLeastAccuracy(floor))
                .build());
    run.say()
        .accept(
            "%s: rung %d, %.1f %% right, at least %.1f %% asked for"
                .formatted(name, log.desiredRung(name), 100 * accuracy, 100 * floor));
    return floor;
  }

  private Figures figures(List<Double> floors, int[] from) throws CommandException {
    int under = 0;
    int silent = 0;
    for (int i = 0; i < NAMES.size(); i++) {
      List<WindowLog.Seen> all = log.of(NAMES.get(i));
      Silence silence = Silence.of(all.subList(from[i], all.size()), floors.get(i));
      run.say().accept(NAMES.get(i) + ": " + silence);
      under += silence.under();
      silent += silence.silent();
    }
    LoadFleet.require("the drift brings a device under its least accuracy", under > 0);
    long flagged =
        IntStream.range(0, NAMES.size())
            .filter(
                i -> log.of(NAMES.get(i)).stream().anyMatch(seen -> Silence.flagged(seen.device())))
            .count();
    return Figures.none()
        .with("silent_windows", silent)
        .with("under_floor_windows", under)
        .with("flagged_devices", flagged);
  }
}
