package dev.heirloom.bench;

import dev.heirloom.bench.grpc.LocalClient;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.ChildProcess;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the agent's image costs a device: the unpacked image in a process of its own, fed once by a
 * control plane, serves the top rung of a family made from the Fashion-MNIST teacher.
 *
 * <p>Figures: {@code image_mb}, the compressed image; {@code ready_s}, from the start of the
 * process, with an heir on disk, until it answers that it is ready, the median of several starts;
 * {@code rss_mb}, resident memory after the last request, and {@code rss_peak_mb}, the most that it
 * was; {@code overhead_ms_p50}, what a request of one sample over loopback takes more than a run of
 * the same model in a bare session, in a process with the same JVM options: both take turns, a
 * block of requests each, and the figure is the median over the blocks of the difference of the
 * medians. Its client sends from callbacks; {@code blocking_overhead_ms_p50} is that of one whose
 * thread waits for each answer. {@code bare_ms_p50} is the bare run, {@code requests} how many
 * there were.
 */
final class FootprintBenchmark implements Benchmark {
  private static final int BLOCK = 100;
  private static final int BLOCKS = 60;
  private static final int WARM_UP_BLOCKS = 20;
  private static final int STARTS = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOOK_EVERY_MS = 2;
  private static final String DEVICE = "small-device";

  @Override
  public String name() {
    return "footprint";
  }

  @Override
  public String description() {
    return "size, start, memory and cost per request of the agent's image";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("rss_mb", 160),
        Goal.atMost("image_mb", 90),
        Goal.atMost("ready_s", 3),
        Goal.atMost("overhead_ms_p50", 0.3));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Path target = Path.of(run.launcher()).resolveSibling("edge-agent").resolve("target");
    AgentImage image = AgentImage.unpack(target, run.directory().resolve("image"));
    Figures figures = Figures.none().with("image_mb", image.archiveBytes() / 1e6);
    Family family = family(run);
    int top = family.ladder().size();
    try (DemoFleet fleet = DemoFleet.start(run.directory());
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      Device device = new Device(run, fleet, image, new Budgets(family.ladder()).roomyNs());
      try (ChildProcess first = device.start()) {
        Pinning pinning = new Pinning(new Watched(run, fleet, watch));
        pinning.settled(DEVICE, 1);
        pinning.to(DEVICE, top);
        run.say().accept(DEVICE + " has rung " + top + " on disk (process " + first.pid() + ")");
      }
      List<Double> starts = new ArrayList<>();
      for (int i = 1; i < (run.quick() ? 2 : STARTS); i++) {
        device.startReady(starts).close();
      }
      try (ChildProcess agent = device.startReady(starts)) {
        return requests(run, device, agent, family, figures)
            .withPercentile("ready_s", 0.5, starts)
            .withPercentile("ready_max_s", 1, starts);
      }
    }
  }

  private static Family family(Run run) throws Exception {
    Path out = run.directory().resolve("family");
    InheritRun.of(
        run,
        "inherit",
        SharedTeacher.FASHION.inherit(run, out, List.of("--steps", "0", "--rungs", "4")));
    return Family.open(out);
  }

  private static Figures requests(
      Run run, Device device, ChildProcess agent, Family family, Figures before) throws Exception {
    Path onnx = run.directory().resolve("top.onnx");
    byte[] model =
        HeirAssembler.assemble(family.manifest(), family.ladder().size(), family.blobs());
    Files.write(onnx, model);
    List<Double> overheads = new ArrayList<>();
    List<Double> blocking = new ArrayList<>();
    List<Double> bares = new ArrayList<>();
    int blocks = WARM_UP_BLOCKS + (run.quick() ? 6 : BLOCKS);
    try (LocalClient client = new LocalClient(device.port());
        BareSession bare = BareSession.start(device.image().java(), onnx)) {
      ModelInferRequest request = LocalClient.request(family.manifest());
      for (int block = 0; block < blocks; block++) {
        run.check();
        double bareMs = medianMs(bare.run(BLOCK));
        double callbacksMs = medianMs(client.askFromCallbacks(request, BLOCK));
        double blockingMs = medianMs(client.ask(request, BLOCK));
        if (block >= WARM_UP_BLOCKS) {
          bares.add(bareMs);
          overheads.add(callbacksMs - bareMs);
          blocking.add(blockingMs - bareMs);
        }
      }
      return before
          .with("rss_mb", ResidentPeak.now(agent.pid()) / 1e6)
          .with("rss_peak_mb", ResidentPeak.bytes(agent.pid()) / 1e6)
          .withPercentile("overhead_ms_p50", 0.5, overheads)
          .withPercentile("blocking_overhead_ms_p50", 0.5, blocking)
          .withPercentile("bare_ms_p50", 0.5, bares)
          .with("requests", 2 * blocks * BLOCK);
    }
  }

  private static double medianMs(long[] ns) {
    Arrays.sort(ns);
    return ns[ns.length / 2] / 1e6;
  }

  /**
   * The device under measurement.
   *
   * @param budgetNs room for every rung
   */
  private record Device(Run run, DemoFleet fleet, AgentImage image, long budgetNs, int port) {
    Device(Run run, DemoFleet fleet, AgentImage image, long budgetNs) throws IOException {
      this(run, fleet, image, budgetNs, freePort());
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0)) {
        return socket.getLocalPort();
      }
    }

    ChildProcess start() throws IOException {
      return fleet.startProgram(
          DEVICE,
          image.launcher(),
          List.of("--p95-budget", budgetNs / 1000 + "us", "--serve", Integer.toString(port)));
    }

    /** Starts it with the heir on disk and waits until it is ready; adds the seconds. */
    ChildProcess startReady(List<Double> seconds) throws Exception {
      long begunNs = System.nanoTime();
      ChildProcess agent = start();
      LocalClient client = null;
      try {
        while (client == null || !client.ready()) {
          if (System.nanoTime() - begunNs > PATIENCE.toNanos() || !agent.alive()) {
            throw new CommandException("the agent is not ready", lines(agent));
          }
          Thread.sleep(LOOK_EVERY_MS);
          if (client == null && LocalClient.listens(port)) {
            client = new LocalClient(port);
          }
        }
        seconds.add((System.nanoTime() - begunNs) / 1e9);
        run.say().accept("ready after %.2f s".formatted(seconds.get(seconds.size() - 1)));
        return agent;
      } catch (Exception e) {
        agent.close();
        throw e;
      } finally {
        if (client != null) {
          client.close();
        }
      }
    }

    private static String[] lines(ChildProcess agent) throws IOException {
      return agent.lastLines().toArray(String[]::new);
    }
  }
}
