package dev.heirloom.bench;

import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Manifests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What moves over the wire when a device changes its rung, on a line of 1 MB/s: one control plane
 * with that limit and agents in processes of their own, over loopback.
 *
 * <p>Figures: {@code overhead_ratio}, bytes of the messages of a promotion from rung 1 to the top
 * less 4 KiB, over the bytes of the bands and the patch that were missing; {@code demotion_bytes},
 * bytes of a demotion to a rung that the device never had, less that rung's patch; {@code
 * held_demotion_bytes}, those of one to a rung that it had; {@code first_rung_ratio}, seconds from
 * a new device's connection until the smallest rung serves, less one, over what that rung's bytes
 * and the manifest take on the line; {@code rest_seconds} until the top rung, which the device was
 * told from the start, serves.
 */
final class PromotionBenchmark implements Benchmark {
  private static final long BYTES_PER_SECOND = 1_000_000;
  private static final int ALLOWED = 4 << 10;
  private static final Duration WINDOW = Duration.ofMillis(500);
  private static final String FIRST = "first-device";
  private static final String LATER = "later-device";

  @Override
  public String name() {
    return "promotion";
  }

  @Override
  public String description() {
    return "bytes that promotions and demotions move, and when the first rung serves";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("overhead_ratio", 1.02),
        Goal.atMost("demotion_bytes", ALLOWED),
        Goal.atMost("held_demotion_bytes", ALLOWED),
        Goal.atMost("first_rung_ratio", 1.2));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = UntrainedShapes.inherit(run);
    DeliverySettings line =
        new DeliverySettings(
            OptionalLong.empty(),
            OptionalLong.of(BYTES_PER_SECOND),
            DeliverySettings.LEAST_BYTES_PER_SECOND);
    int top = family.ladder().size();
    if (top < 3) {
      throw new CommandException("the family has " + top + " rungs (expected: 3 or more)");
    }
    try (DemoFleet fleet = DemoFleet.start(run.directory(), line);
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      Pinning change = new Pinning(new Watched(run, fleet, watch));
      Budgets budgets = new Budgets(family.ladder());
      List<String> options = List.of("--p95-budget", budgets.roomyNs() / 1000 + "us");
      fleet.startAgent(FIRST, UntrainedShapes.STREAM, WINDOW, options);
      change.settled(FIRST, 1);
      Outcome promoted = change.to(FIRST, top);
      Outcome demoted = change.to(FIRST, 2);
      Outcome back = change.to(FIRST, 1);
      change.to(FIRST, top);
      long patchBytes = family.manifest().getRungs(1).getPatch().getSizeBytes();
      Figures figures =
          Figures.none()
              .with(
                  "overhead_ratio",
                  (promoted.getWireBytes() - ALLOWED) / (double) missing(family, 1, top))
              .with("demotion_bytes", (double) (demoted.getWireBytes() - patchBytes))
              .with("held_demotion_bytes", (double) back.getWireBytes());
      run.say().accept("a second device of the class, which is told the top rung at once");
      fleet.startAgent(LATER, UntrainedShapes.STREAM, WINDOW, options);
      return first(run, change, family, figures);
    }
  }

  private static Figures first(Run run, Pinning change, Family family, Figures figures)
      throws Exception {
    change
        .watched()
        .await("the second device", device -> device.getName().equals(LATER) && device.getOnline());
    long startNs = System.nanoTime();
    Device served =
        change
            .watched()
            .await(
                "its first rung",
                device -> device.getName().equals(LATER) && device.getReportedRung() > 0);
    double firstSeconds = (System.nanoTime() - startNs) / 1e9;
    int told = served.getDesiredRung();
    run.say()
        .accept(
            "it was told rung %d and serves rung %d after %.2f s"
                .formatted(told, served.getReportedRung(), firstSeconds));
    if (told == 1 || served.getReportedRung() != 1) {
      throw new CommandException(
          "the second device was told rung " + told + " at once (expected: a larger one)");
    }
    change
        .watched()
        .await(
            "the rung that it was told",
            device -> device.getName().equals(LATER) && device.getReportedRung() == told);
    double restSeconds = (System.nanoTime() - startNs) / 1e9;
    long bytes = Manifests.sizeBytes(family.manifest(), 1) + family.manifestBytes().length;
    return figures
        .with("first_rung_ratio", (firstSeconds - 1) * BYTES_PER_SECOND / bytes)
        .with("first_rung_seconds", firstSeconds)
        .with("rest_seconds", restSeconds);
  }

  /** Bytes of what one rung needs and another does not. */
  private static long missing(Family family, int held, int wanted) throws MalformedException {
    Set<Blob> have = new HashSet<>(Manifests.needed(family.manifest(), held));
    List<Blob> lacked = new ArrayList<>(Manifests.needed(family.manifest(), wanted));
    lacked.removeIf(have::contains);
    return lacked.stream().mapToLong(Blob::getSizeBytes).sum();
  }
}
