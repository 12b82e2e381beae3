package dev.heirloom.bench;

import dev.heirloom.bench.DeviceDisk.Stage;
import dev.heirloom.bench.DeviceDisk.Wanted;
import dev.heirloom.bench.grpc.GoldenRequest;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.demo.DemoFamily;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * An agent that is killed (SIGKILL) at random moments, again and again, while versions of a family
 * are published and it is moved from rung to rung, and is started again on what that left on its
 * disk. After each start its local server is asked for the golden outputs.
 *
 * <p>Figures: {@code kills}; {@code incomplete}, starts after which the heir in force at the kill
 * did not serve from the disk with its golden outputs, or, where none was in force yet, none was
 * fetched; {@code from_disk} and {@code fetched}, starts of the two kinds that went well; {@code
 * repaired}, those from disk for which the agent had to make up for damage; {@code in_start},
 * {@code in_download}, {@code in_assembly}, {@code in_commit} and {@code in_service}, kills by what
 * the disk shows that the agent was doing.
 */
final class AgentKillsBenchmark implements Benchmark {
  private static final int KILLS = 200;
  private static final int QUICK_KILLS = 10;
  private static final int KILLS_PER_DEVICE = 10;
  private static final long SEED = 1;

  /** On a line of this speed a download takes about as long as what follows it. */
  private static final long BYTES_PER_SECOND = 2_500_000;

  private static final double KILLED_WHILE_STARTING = 0.2;
  private static final int LONGEST_START_MS = 2000;
  private static final int LONGEST_WORK_MS = 1200;
  private static final long PATIENCE_NS = 60_000_000_000L;
  private static final long LOOK_EVERY_MS = 4;

  @Override
  public String name() {
    return "agent-kills";
  }

  @Override
  public String description() {
    return "agents that are killed at any moment serve a whole heir when they start again";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atLeast("kills", KILLS), Goal.atMost("incomplete", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    run.say().accept("inheriting versions of the demo's family, without fine-tuning");
    List<Family> versions = new ArrayList<>();
    for (int images : new int[] {120, 140}) {
      Path directory = Files.createDirectory(run.directory().resolve("version-" + images));
      versions.add(
          new DemoFamily(3, 0, images, 60)
              .inherit(directory, new QuietProgress(run.interrupted())));
    }
    DeliverySettings line =
        new DeliverySettings(
            OptionalLong.empty(),
            OptionalLong.of(BYTES_PER_SECOND),
            DeliverySettings.LEAST_BYTES_PER_SECOND);
    try (ControlPlane plane =
            ControlPlane.start(
                new ControlPlaneSettings(
                    run.directory().resolve("control-plane"),
                    0,
                    0,
                    ControlPlaneSettings.LOOPBACK,
                    false,
                    line));
        ControlPlaneClient client =
            new ControlPlaneClient(new HostPort(ControlPlaneSettings.LOOPBACK, plane.grpcPort()))) {
      Publication.publish(client, versions.get(0), sent -> {});
      run.say().accept("a version of %.2f MB".formatted(Publication.bytes(versions.get(0)) / 1e6));
      Kills kills = new Kills(run, plane.grpcPort(), client, versions);
      return kills.run(run.quick() ? QUICK_KILLS : KILLS);
    }
  }

  /** Devices, one after the other, and what became of their starts. */
  private static final class Kills {
    private final Run run;
    private final int controlPlane;
    private final ControlPlaneClient client;
    private final List<Family> versions;
    private final List<GoldenRequest> golden = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<Stage, Integer> stages = new EnumMap<>(Stage.class);
    private int latest;
    private int starting;
    private int fromDisk;
    private int fetched;
    private int repaired;
    private int incomplete;

    Kills(Run run, int controlPlane, ControlPlaneClient client, List<Family> versions)
        throws Exception {
      this.run = run;
      this.controlPlane = controlPlane;
      this.client = client;
      this.versions = versions;
      for (Family version : versions) {
        golden.addAll(GoldenRequest.of(version));
      }
    }

    Figures run(int kills) throws Exception {
      int device = 0;
      for (int killed = 0; killed < kills; device++) {
        String name = "killed-" + device;
        DeviceDisk disk = new DeviceDisk(run.directory().resolve(name));
        for (int i = 0; i < KILLS_PER_DEVICE && killed < kills; i++) {
          run.check();
          live(name, disk);
          killed++;
        }
        // The last kill's start is judged, too.
        judged(name, disk).close();
        run.say().accept("%d kills, %d incomplete".formatted(killed, incomplete));
      }
      return Figures.none()
          .with("kills", kills)
          .with("incomplete", incomplete)
          .with("from_disk", fromDisk)
          .with("fetched", fetched)
          .with("repaired", repaired)
          .with("in_start", starting)
          .with("in_download", stages.getOrDefault(Stage.DOWNLOAD, 0))
          .with("in_assembly", stages.getOrDefault(Stage.ASSEMBLY, 0))
          .with("in_commit", stages.getOrDefault(Stage.COMMIT, 0))
          .with("in_service", stages.getOrDefault(Stage.DONE, 0));
    }

    /** From a start to a kill. */
    private void live(String name, DeviceDisk disk) throws Exception {
      if (random.nextDouble() < KILLED_WHILE_STARTING) {
        try (KilledAgent agent = KilledAgent.start(controlPlane, name, disk.root())) {
          Thread.sleep(random.nextInt(LONGEST_START_MS));
          starting++;
        }
        return;
      }
      Wanted wanted;
      List<String> slots;
      try (KilledAgent agent = judged(name, disk)) {
        long until = System.nanoTime() + random.nextInt(LONGEST_WORK_MS) * 1_000_000L;
        slots = disk.slots();
        wanted = order(name);
        while (System.nanoTime() < until) {
          if (serves(disk, wanted)) {
            slots = disk.slots();
            wanted = order(name);
          }
          Thread.sleep(LOOK_EVERY_MS);
        }
      }
      stages.merge(disk.stage(wanted, slots), 1, Integer::sum);
    }

    private static boolean serves(DeviceDisk disk, Wanted wanted) throws Exception {
      String version = wanted.family().digest().brief() + "-" + wanted.rung();
      return disk.inForce().equals(Optional.of(version));
    }

    /** Wants another rung of the device, and now and then of another version. */
    private Wanted order(String name) throws Exception {
      if (random.nextInt(3) == 0) {
        latest = (latest + 1 + random.nextInt(versions.size() - 1)) % versions.size();
        Publication.publish(client, versions.get(latest), sent -> {});
      }
      Family family = versions.get(latest);
      int rung = 1 + random.nextInt(family.ladder().size());
      client.pin(name, rung);
      return new Wanted(family, rung);
    }

    /** Starts an agent on what a kill has left, and waits until it serves or is given up. */
    private KilledAgent judged(String name, DeviceDisk disk) throws Exception {
      Optional<String> before = disk.inForce();
      KilledAgent agent = KilledAgent.start(controlPlane, name, disk.root());
      GoldenRequest.Answer answer = answer(agent);
      boolean good =
          answer instanceof GoldenRequest.Answer.Given given
              && given.golden()
              && (before.isEmpty() || agent.said(" from disk"));
      if (!good) {
        incomplete++;
        run.say()
            .accept("incomplete: %s, in force %s, %s".formatted(answer, before, agent.lines()));
      } else if (before.isPresent()) {
        fromDisk++;
      } else {
        fetched++;
      }
      if (agent.said("cannot be used")) {
        repaired++;
        run.say().accept("made up for damage: " + agent.lines());
      }
      return agent;
    }

    private GoldenRequest.Answer answer(KilledAgent agent)
        throws InterruptedException, CommandException {
      GoldenRequest.Answer answer = new GoldenRequest.Answer.None("it does not listen");
      long until = System.nanoTime() + PATIENCE_NS;
      while (System.nanoTime() < until && agent.alive()) {
        run.check();
        if (agent.port().isPresent()) {
          answer = GoldenRequest.ask(agent.port().getAsInt(), golden);
        }
        // What it begins with it says before it speaks of the control plane.
        boolean begun = agent.said(" from disk") || agent.said("control plane");
        if (begun && answer instanceof GoldenRequest.Answer.Given) {
          return answer;
        }
        Thread.sleep(LOOK_EVERY_MS);
      }
      return answer;
    }
  }
}
