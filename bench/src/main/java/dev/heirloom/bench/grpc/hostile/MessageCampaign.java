package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.bench.Figures;
import dev.heirloom.bench.grpc.InferenceLoad;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.demo.ChildProcess;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.runtime.family.Family;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hostile messages on every method of a control plane and of an agent's port, beside a fleet that
 * must not notice.
 */
public final class MessageCampaign implements AutoCloseable {
  private static final String AGENT = "real-device";
  private static final long SETTLE_MS = 5000;
  private static final long CALM_MS = 8000;
  private static final long PATIENCE_MS = 60_000;
  private static final int FLOODS = 4;
  private static final int SILENT_SOCKETS = 50;
  private static final int BACKUPS = 20;
  private static final int INFERENCES_PER_SECOND = 10;

  /** Calls under way: with what the machine has beside, both cores are busy. */
  private static final int AT_ONCE = 48;

  private static final int AGENT_AT_ONCE = 4;
  private static final Pattern CALLS =
      Pattern.compile("heirloom_grpc_calls_total\\{code=\"[A-Z_]+\",method=\"([^\"]+)\"\\} (\\S+)");

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
  private final Path directory;
  private final Family family;
  private final AttackedPlane plane;
  private final int agentPort;
  private final ChildProcess agent;
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
    this.directory = Files.createDirectories(directory);
    this.family = family;
    this.plane =
        AttackedPlane.start(directory.resolve("plane"), directory.resolve("plane.log"));
    this.operator = new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()));
    Publication.publish(operator, family, sent -> {});
    try (ServerSocket free = new ServerSocket(0)) {
      agentPort = free.getLocalPort();
    }
    this.agent = agent(launcher);
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

  private ChildProcess agent(String launcher) throws IOException {
    Path home = Files.createDirectories(directory.resolve(AGENT));
    return ChildProcess.start(
        AGENT,
        launcher,
        List.of(
            "agent",
            "--control-plane",
            "127.0.0.1:" + plane.grpcPort(),
            "--name",
            AGENT,
            "--state",
            home.resolve("state").toString(),
            "--window",
            "1s",
            "--family",
            family.manifest().getName(),
            "--p95-budget",
            "1s",
            "--serve",
            Integer.toString(agentPort)),
        home.resolve("agent.log"));
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
    return new Attack(
        HostileClient.plain(plane.grpcPort()), disturbances, Verdict::of, AT_ONCE);
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
    awaitAgent();
    try (GoodFleet fleet = new GoodFleet(plane.grpcPort(), disturbances);
        InferenceLoad applications = new InferenceLoad(agentPort, family.manifest())) {
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

  private Device agentAsSeen() throws Exception {
    return operator.devices().stream()
        .filter(device -> device.getName().equals(AGENT))
        .findFirst()
        .orElse(Device.getDefaultInstance());
  }

  private void awaitAgent() throws Exception {
    long untilNs = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (agentAsSeen().getReportedRung() == 0) {
      if (System.nanoTime() > untilNs || !agent.alive()) {
        throw new IOException("the agent does not serve: " + agent.lastLines());
      }
      Thread.sleep(100);
    }
  }

  private record Before(
      long memoryBytes, long threads, long logBytes, long agentWindow, Map<String, Double> calls) {}

  private Before before() throws Exception {
    return new Before(
        plane.memoryBytes(),
        plane.threads(),
        plane.logBytes(),
        agentAsSeen().getLastWindow().getSequence(),
        calls());
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
        silent.add(new Socket("127.0.0.1", plane.grpcPort()));
      }
      CompletableFuture<?> unfinished =
          onPlane.unfinished(calls::unfinished, scale.calls(), scale.calls() + scale.unfinished());
      for (int i = 0; i < FLOODS; i++) {
        floods.add(
            new WindowFlood(
                SoundRequests.flooding(i), plane.grpcPort(), sound, disturbances));
      }
      Thread others = new Thread(() -> others(sound), "other-attacks");
      others.start();
      long step = Math.max(1, scale.calls() / 10);
      for (long from = 0; from < scale.calls(); from += step) {
        onPlane.run(calls::call, from, Math.min(scale.calls(), from + step));
        say.accept(
            "%d calls: %s".formatted(Math.min(scale.calls(), from + step), onPlane.ends()));
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
      right += onPlane.right() + backups.right() + flooded;
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

  /** What is written by hand, and what the agent's port gets. */
  private void others(SoundRequests sound) {
    try (Attack onAgent =
        new Attack(
            HostileClient.plain(agentPort), disturbances, Verdict::of, AGENT_AT_ONCE)) {
      HostileCalls calls = new HostileCalls(seed, Methods.of(agentPort), sound);
      CompletableFuture<?> unfinished =
          onAgent.unfinished(
              calls::unfinished, scale.agentCalls(), scale.agentCalls() + scale.unfinished() / 4);
      onAgent.run(calls::call, 0, scale.agentCalls());
      onAgent.await();
      say.accept("the agent's port: " + onAgent.ends());
      raw(sound);
      await(unfinished);
      synchronized (this) {
        right += onAgent.right();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      disturbances.add("attacks could not go on: " + e);
    }
  }

  private void raw(SoundRequests sound) throws Exception {
    List<MethodDescriptor<?, ?>> methods = attacked();
    long answered = 0;
    for (int i = 0; i < scale.raw(); i++) {
      MethodDescriptor<?, ?> method = methods.get(i % methods.size());
      RawAttack raw =
          new RawAttack(
              seed,
              i,
              method.getFullMethodName(),
              sound.first(method, new Random(i)).toByteString());
      int port = i % 5 == 4 ? agentPort : plane.grpcPort();
      var wrong = raw.run(port);
      wrong.ifPresent(disturbances::add);
      answered += wrong.isPresent() ? 0 : 1;
    }
    synchronized (this) {
      right += answered;
    }
  }

  /** Every call that reached the server was counted by it. */
  private void compare(Map<String, Long> sent) throws Exception {
    Map<String, Double> counted = calls();
    sent.forEach(
        (method, calls) ->
            disturbances.require(
                counted.getOrDefault(method, 0.0) >= calls,
                "%s: %d calls, but %.0f were counted"
                    .formatted(method, calls, counted.getOrDefault(method, 0.0))));
  }

  private Map<String, Double> calls() throws Exception {
    Map<String, Double> calls = new HashMap<>();
    metrics()
        .lines()
        .map(CALLS::matcher)
        .filter(Matcher::matches)
        .forEach(line -> calls.merge(line.group(1), Double.parseDouble(line.group(2)), Double::sum));
    return calls;
  }

  private double metric(String name) throws Exception {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private String metrics() throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + plane.httpPort() + "/metrics"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private Figures figures(GoodFleet fleet, Before before, long threads, double seconds)
      throws Exception {
    long decisions = fleet.decisions();
    long hostile = plane.events("DeviceTwin|hostile-%");
    long good = plane.events("DeviceTwin|" + GoodFleet.PREFIX + "%");
    long all = plane.events("DeviceTwin|%");
    Device real = agentAsSeen();
    long windows = real.getLastWindow().getSequence() - before.agentWindow();
    disturbances.require(agent.alive(), "the agent ended");
    disturbances.require(plane.alive(), "the control plane ended");
    disturbances.require(
        real.getOnline() && windows >= 0.9 * seconds,
        "the agent reported %d windows of a second in %.0f s".formatted(windows, seconds));
    double held = metric("heirloom_held_messages_total");
    double refused = metric("heirloom_refused_messages_total");
    disturbances.require(held > 0, "no message was held back");
    double memoryMib = (plane.memoryBytes() - before.memoryBytes()) / (double) (1 << 20);
    say.accept(
        "windows of good devices: %d; decisions: %d; events of theirs: %d, of hostile ones: %d"
            .formatted(fleet.windowsTaken(), decisions, good, hostile));
    // Pinned, decided, answered; and four at the start of each.
    disturbances.require(
        good <= 3 * decisions + 100, good + " events of good devices for " + decisions);
    disturbances.require(
        all - good - hostile <= 20, (all - good - hostile) + " events of devices that nobody has");
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

  private static double percentile(List<Double> samples, double share) {
    return Figures.none()
        .withPercentile("it", share, samples)
        .value("it")
        .orElseThrow();
  }

  @Override
  public void close() {
    operator.close();
    agent.close();
    plane.close();
  }
}
