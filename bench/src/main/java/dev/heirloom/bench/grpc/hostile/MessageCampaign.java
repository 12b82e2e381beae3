package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.bench.Figures;
import dev.heirloom.bench.grpc.InferenceLoad;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.runtime.family.Family;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Hostile messages on every method of a control plane and of an agent's port, beside a fleet that
 * must not notice.
 */
public final class MessageCampaign implements AutoCloseable {
  private static final long SETTLE_MS = 5000;
  private static final long CALM_MS = 8000;
  private static final long PATIENCE_MS = 60_000;
  private static final int FLOODS = 4;
  private static final int SILENT_SOCKETS = 50;
  private static final int BACKUPS = 20;
  private static final int INFERENCES_PER_SECOND = 10;

  /** Calls under way: with what the machine has beside, both cores are busy. */
  private static final int AT_ONCE = 48;

  /**
   * How much.
   *
   * @param calls hostile calls on the control plane, in numbers from 0
   * @param agentCalls on the agent's port
   * @param unfinished that never end
   * @param raw connections on which HTTP/2 is written by hand
   */
  public record Scale(long calls, long agentCalls, int unfinished, int raw) {}

  private final long seed;
  private final Scale scale;
  private final Consumer<String> say;
  private final Disturbances disturbances;
  private final Family family;
  private final AttackedPlane plane;
  private final PlaneMetrics metrics;
  private final RealDevice device;
  private final ControlPlaneClient operator;
  private long right;
  private long changes;

  private MessageCampaign(
      long seed, Scale scale, Consumer<String> say, Path directory, Family family, String launcher)
      throws Exception {
    this.seed = seed;
    this.scale = scale;
    this.say = say;
    this.disturbances = new Disturbances(say);
    Files.createDirectories(directory);
    this.family = family;
    this.plane = AttackedPlane.start(directory.resolve("plane"), directory.resolve("plane.log"));
    this.operator = new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()));
    Publication.publish(operator, family, sent -> {});
    this.metrics = new PlaneMetrics(plane.httpPort());
    this.device =
        RealDevice.start(directory, launcher, plane.grpcPort(), family.manifest().getName());
  }

  /**
   * Starts a control plane and an agent.
   *
   * @param directory an empty one to work in
   * @param family that is served
   * @param launcher starts the agent
   */
  public static MessageCampaign start(
      long seed, Scale scale, Consumer<String> say, Path directory, Family family, String launcher)
      throws Exception {
    return new MessageCampaign(seed, scale, say, directory, family, launcher);
  }

  /** Sends one hostile call alone, and says how it ended. */
  public void repeat(long number) throws Exception {
    enrolHostile();
    SoundRequests sound = new SoundRequests(family.manifest());
    HostileCalls calls = new HostileCalls(seed, attacked(), sound);
    HostileCall call = calls.call(number);
    say.accept(call.toString());
    try (Attack attack = onPlane()) {
      attack.run(calls::call, number, number + 1);
      attack.await();
      say.accept(attack.ends());
    }
  }

  private Attack onPlane() {
    return new Attack(HostileClient.plain(plane.grpcPort()), disturbances, Verdict::of, AT_ONCE);
  }

  /** Backups take long and are few: they are attacked apart. */
  private List<MethodDescriptor<?, ?>> attacked() throws Exception {
    return Methods.of(plane.grpcPort()).stream()
        .filter(method -> !method.getFullMethodName().endsWith("/Backup"))
        .<MethodDescriptor<?, ?>>map(method -> method)
        .toList();
  }

  /** Everything; the figures of it. */
  public Figures run() throws Exception {
    enrolHostile();
    device.awaitServing(operator);
    try (GoodFleet fleet = new GoodFleet(plane.grpcPort(), disturbances);
        InferenceLoad applications = new InferenceLoad(device.port(), family.manifest())) {
      applications.start(INFERENCES_PER_SECOND);
      Thread.sleep(CALM_MS);
      double calmMs = percentile(fleet.probes(), 0.99);
      say.accept("in peace, a look at a device takes %.1f ms (p99)".formatted(calmMs));
      Before before = before();
      long begunNs = System.nanoTime();
      long threads = attack();
      double seconds = (System.nanoTime() - begunNs) / 1e9;
      double attackedMs = percentile(fleet.probes(), 0.99);
      Thread.sleep(SETTLE_MS);
      List<Double> inferences =
          applications.end().stream().map(answered -> answered.ns() / 1e6).toList();
      disturbances.require(
          applications.unanswered() == 0,
          applications.unanswered() + " requests of good applications were not answered");
      return figures(fleet, before, threads, seconds)
          .with("calm_probe_ms_p99", calmMs)
          .with("probe_ms_p99", attackedMs)
          .with("inference_ms_p99", percentile(inferences, 0.99));
    }
  }

  private void enrolHostile() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", plane.grpcPort()).usePlaintext().build();
    try {
      for (String name : SoundRequests.names(FLOODS)) {
        var unused =
            AgentsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .enrol(
                    EnrolRequest.newBuilder()
                        .setName(name)
                        .setProfile(SoundRequests.profile())
                        .build());
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private record Before(long memoryBytes, long threads, long logBytes, long agentWindow) {}

  private Before before() throws Exception {
    return new Before(
        plane.memoryBytes(),
        plane.threads(),
        plane.logBytes(),
        device.seen(operator).getLastWindow().getSequence());
  }

  /** Attacks; the most threads that were seen meanwhile. */
  private long attack() throws Exception {
    SoundRequests sound = new SoundRequests(family.manifest());
    HostileCalls calls = new HostileCalls(seed, attacked(), sound);
    List<WindowFlood> floods = new ArrayList<>();
    List<Socket> silent = new ArrayList<>();
    try (Attack onPlane = onPlane();
        Attack backups =
            new Attack(HostileClient.plain(plane.grpcPort()), disturbances, Verdict::of, 1);
        ThreadWatch threads = new ThreadWatch(plane)) {
      for (int i = 0; i < SILENT_SOCKETS; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), plane.grpcPort()));
      }
      CompletableFuture<?> unfinished =
          onPlane.unfinished(calls::unfinished, scale.calls(), scale.calls() + scale.unfinished());
      for (int i = 0; i < FLOODS; i++) {
        floods.add(
            new WindowFlood(SoundRequests.flooding(i), plane.grpcPort(), sound, disturbances));
      }
      SideAttacks others =
          new SideAttacks(seed, scale, plane.grpcPort(), device.port(), sound, disturbances, say);
      others.start();
      long step = Math.max(1, scale.calls() / 10);
      for (long from = 0; from < scale.calls(); from += step) {
        onPlane.run(calls::call, from, Math.min(scale.calls(), from + step));
        say.accept("%d calls: %s".formatted(Math.min(scale.calls(), from + step), onPlane.ends()));
      }
      onPlane.await();
      others.join();
      HostileCalls ofBackup = new HostileCalls(seed, backup(), sound);
      backups.run(ofBackup::call, 0, BACKUPS);
      backups.await();
      await(unfinished);
      long flooded = floods.stream().mapToLong(WindowFlood::answers).sum();
      say.accept(
          "floods: %d windows sent, %d answered"
              .formatted(floods.stream().mapToLong(WindowFlood::sent).sum(), flooded));
      right += onPlane.right() + backups.right() + others.right() + flooded;
      changes = onPlane.changes();
      compare(onPlane.sent());
      return threads.most();
    } finally {
      floods.forEach(WindowFlood::close);
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private void await(CompletableFuture<?> unfinished)
      throws InterruptedException, ExecutionException {
    try {
      var unused = unfinished.get(2 * PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      disturbances.add("requests that never end were not ended");
    }
  }

  private List<MethodDescriptor<?, ?>> backup() throws Exception {
    return Methods.of(plane.grpcPort()).stream()
        .filter(method -> method.getFullMethodName().endsWith("/Backup"))
        .<MethodDescriptor<?, ?>>map(method -> method)
        .toList();
  }

  /** Every call that reached the server was counted by it. */
  private void compare(Map<String, Long> sent) throws Exception {
    Map<String, Double> counted = metrics.calls();
    sent.forEach(
        (method, calls) ->
            disturbances.require(
                counted.getOrDefault(method, 0.0) >= calls,
                "%s: %d calls, but %.0f were counted"
                    .formatted(method, calls, counted.getOrDefault(method, 0.0))));
  }

  private Figures figures(GoodFleet fleet, Before before, long threads, double seconds)
      throws Exception {
    long decisions = fleet.decisions();
    Map<String, Long> events = plane.eventsByDevice();
    long good = events(events, name -> name.startsWith(GoodFleet.PREFIX));
    long hostile = events(events, name -> name.startsWith(SoundRequests.PREFIX));
    Set<String> strangers = strangers();
    long theirs = events(events, strangers::contains);
    long others = events(events, name -> !ours(name) && !strangers.contains(name));
    Device real = device.seen(operator);
    long windows = real.getLastWindow().getSequence() - before.agentWindow();
    disturbances.require(device.alive(), "the agent ended");
    disturbances.require(plane.alive(), "the control plane ended");
    disturbances.require(
        real.getOnline() && windows >= 0.9 * seconds,
        "the agent reported %d windows of a second in %.0f s".formatted(windows, seconds));
    double held = metrics.sum("heirloom_held_messages_total");
    double refused = metrics.sum("heirloom_refused_messages_total");
    disturbances.require(held > 0, "no message was held back");
    double memoryMib = (plane.memoryBytes() - before.memoryBytes()) / (double) (1 << 20);
    say.accept(
        "windows of good devices: %d; decisions: %d; events of theirs: %d, of hostile ones: %d"
            .formatted(fleet.windowsTaken(), decisions, good, hostile));
    // Pinned, decided, answered; and four at the start of each.
    disturbances.require(
        good <= 3 * decisions + 100, good + " events of good devices for " + decisions);
    say.accept(
        "enrolled under names that came about by chance: %s, with %d events"
            .formatted(strangers, theirs));
    disturbances.require(others == 0, others + " events of devices that nobody has");
    // A call that was taken is an event of its device, and what the policy makes of it.
    disturbances.require(
        hostile <= 3 * changes + 100,
        hostile + " events of hostile devices for " + changes + " calls that may change them");
    return Figures.none()
        .with("messages", (double) right)
        .with("disturbed", disturbances.count())
        .with("seconds", seconds)
        .with("memory_mib", memoryMib)
        .with("threads", (double) threads)
        .with("log_mib", (plane.logBytes() - before.logBytes()) / (double) (1 << 20))
        .with("hostile_events", (double) hostile)
        .with("refused_messages", refused)
        .with("held_messages", held);
  }

  private static long events(Map<String, Long> byDevice, Predicate<String> counts) {
    return byDevice.entrySet().stream()
        .filter(entry -> counts.test(entry.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Devices that a changed name in a request enrolled: here everybody may. */
  private Set<String> strangers() throws Exception {
    return operator.devices().stream()
        .map(Device::getName)
        .filter(name -> !ours(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean ours(String name) {
    return name.startsWith(SoundRequests.PREFIX)
        || name.startsWith(GoodFleet.PREFIX)
        || name.equals(RealDevice.NAME);
  }

  private static double percentile(List<Double> samples, double share) {
    return Figures.none().withPercentile("it", share, samples).value("it").orElseThrow();
  }

  @Override
  public void close() {
    operator.close();
    device.close();
    plane.close();
  }
}
