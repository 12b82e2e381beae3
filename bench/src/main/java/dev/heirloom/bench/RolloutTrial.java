package dev.heirloom.bench;

import com.google.protobuf.ByteString;
import dev.heirloom.bench.grpc.DeviceModel;
import dev.heirloom.bench.grpc.ModelledFleet;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutGroupSize;
import dev.heirloom.proto.v1.RolloutPace;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** One rollout to a fleet of modelled devices, with kills; nobody does anything about it. */
final class RolloutTrial {
  private static final long SEED = 11;
  private static final long PERIOD_MS = 2000;

  /** Labels that the canary brings in each period. */
  private static final int CANARY_LABELS = 1000;

  /** Longest time between two kills: of a version that goes back, and of one that arrives. */
  private static final long LONGEST_UP_BACK_MS = 8000;

  private static final long LONGEST_UP_ON_MS = 15_000;
  private static final long LOOK_MS = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String NAME = "trial";
  private static final String OVER = "over";

  private final Run run;
  private final Family old;
  private final Family target;
  private final int devices;
  private final int canary;
  private final int kills;

  /**
   * @param devices of the fleet
   * @param canary devices of the first group
   * @param kills of the control plane
   */
  RolloutTrial(Run run, Family old, Family target, int devices, int canary, int kills) {
    this.run = run;
    this.old = old;
    this.target = target;
    this.devices = devices;
    this.canary = canary;
    this.kills = kills;
  }

  /**
   * What became of it.
   *
   * @param touched devices that were told to serve the target
   * @param onOld devices that serve the version before at the end
   * @param onTarget devices that serve the target at the end
   * @param haltedInCanary whether a gate halted it in its first group
   * @param completed whether it ran to its end
   * @param kills of the control plane while it was not over
   * @param seconds from its creation until it was over and all devices were where they belong
   */
  record Result(
      int touched,
      int onOld,
      int onTarget,
      boolean haltedInCanary,
      boolean completed,
      int kills,
      double seconds) {}

  /** A fleet whose canary brings as many labels a second, however small it is. */
  DeviceModel model(double accuracyLoss, double p95Ratio, String failingClass) {
    return new DeviceModel(
        target.digest().bytes(),
        target.ladder(),
        accuracyLoss,
        p95Ratio,
        failingClass,
        CANARY_LABELS / canary);
  }

  Result run(String scenario, DeviceModel model) throws Exception {
    Path data = run.directory().resolve("plane-" + scenario);
    try (KilledPlane plane = KilledPlane.start(data)) {
      publish(plane, old, false);
      try (ModelledFleet fleet =
          ModelledFleet.start(plane.port(), devices, model, PERIOD_MS, SEED)) {
        require(
            "every device serves the version before",
            () -> fleet.serving(old.digest().bytes()) == devices);
        publish(plane, target, true);
        create(plane);
        long start = System.nanoTime();
        int killed = kill(scenario, plane, fleet, model.good());
        Rollout end = over(plane);
        boolean completed = end.getPhase() == Rollout.Phase.PHASE_COMPLETED;
        ByteString belongs = completed ? target.digest().bytes() : old.digest().bytes();
        await(() -> fleet.serving(belongs) == devices);
        Result result =
            new Result(
                fleet.touched(),
                fleet.serving(old.digest().bytes()),
                fleet.serving(target.digest().bytes()),
                end.getPhase() == Rollout.Phase.PHASE_HALTED && end.getGroup() == 1,
                completed,
                killed,
                (System.nanoTime() - start) / 1e9);
        end.getDecisionsList().forEach(d -> run.say().accept("  " + d.getReason()));
        run.say().accept(scenario + ": " + result);
        return result;
      }
    }
  }

  private void publish(KilledPlane plane, Family family, boolean hold) throws Exception {
    try (ControlPlaneClient client = client(plane)) {
      Publication.publish(client, family, hold, sent -> {});
    }
  }

  private static ControlPlaneClient client(KilledPlane plane) {
    return new ControlPlaneClient(new HostPort("127.0.0.1", plane.port()));
  }

  private void create(KilledPlane plane) throws ControlPlaneException {
    RolloutSpec spec =
        RolloutSpec.newBuilder()
            .setName(NAME)
            .setFamily(target.manifest().getName())
            .addGroups(RolloutGroupSize.newBuilder().setDevices(canary))
            .addGroups(RolloutGroupSize.newBuilder().setPercent(10))
            .addGroups(RolloutGroupSize.newBuilder().setPercent(50))
            .setPace(
                RolloutPace.newBuilder()
                    .setLongestBaselineMs(PATIENCE.toMillis())
                    .setAttemptMs(60_000)
                    .setLeastSoakMs(3000)
                    .setLongestSoakMs(PATIENCE.toMillis()))
            .build();
    try (ControlPlaneClient client = client(plane)) {
      client.rollouts().create(spec);
    }
  }

  /** Kills it at random moments; says how often the rollout was not over. */
  private int kill(String scenario, KilledPlane plane, ModelledFleet fleet, boolean good)
      throws Exception {
    SplittableRandom random = new SplittableRandom(SEED + scenario.hashCode());
    long longestMs = good ? LONGEST_UP_ON_MS : LONGEST_UP_BACK_MS;
    Map<String, Integer> moments = new TreeMap<>();
    for (int kill = 1; kill <= kills; kill++) {
      run.check();
      Thread.sleep(random.nextLong(longestMs));
      moments.merge(moment(plane), 1, Integer::sum);
      plane.killAndRestart();
      fleet.reconnect();
    }
    run.say().accept(scenario + ": killed in " + moments);
    return kills - moments.getOrDefault(OVER, 0);
  }

  private static String moment(KilledPlane plane) throws ControlPlaneException {
    try (ControlPlaneClient client = client(plane)) {
      Rollout now = client.rollouts().get(NAME);
      return switch (now.getPhase()) {
        case PHASE_COMPLETED, PHASE_HALTED, PHASE_ABORTED -> OVER;
        case PHASE_RUNNING ->
            "group %d, %s".formatted(now.getGroup(), word(now.getStage().name(), "STAGE_"));
        default -> word(now.getPhase().name(), "PHASE_");
      };
    }
  }

  private static String word(String name, String prefix) {
    return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
  }

  private Rollout over(KilledPlane plane) throws Exception {
    Optional<Rollout> last = Optional.empty();
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < until) {
      run.check();
      try (ControlPlaneClient client = client(plane)) {
        Rollout now = client.rollouts().get(NAME);
        if (last.filter(before -> before.getGroup() == now.getGroup()).isEmpty()) {
          run.say().accept("group " + now.getGroup() + ", " + now.getStage());
        }
        last = Optional.of(now);
        switch (now.getPhase()) {
          case PHASE_COMPLETED, PHASE_HALTED, PHASE_ABORTED -> {
            return now;
          }
          default -> Thread.sleep(LOOK_MS);
        }
      } catch (ControlPlaneException e) {
        // After a start, until it knows its rollouts.
        Thread.sleep(LOOK_MS);
      }
    }
    throw new CommandException(
        "the rollout is not over: "
            + last.map(now -> now.getFindingsList() + " " + now.getDecisionsList()).orElse(""));
  }

  private boolean await(BooleanSupplier holds) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!holds.getAsBoolean() && System.nanoTime() < until) {
      run.check();
      Thread.sleep(LOOK_MS);
    }
    return holds.getAsBoolean();
  }

  private void require(String what, BooleanSupplier holds)
      throws InterruptedException, CommandException {
    if (!await(holds)) {
      throw new CommandException("it does not come to this: " + what);
    }
  }
}
