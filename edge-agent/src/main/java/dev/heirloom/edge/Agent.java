package dev.heirloom.edge;

import com.typesafe.config.ConfigFactory;
import dev.heirloom.edge.link.ChannelOpener;
import dev.heirloom.edge.link.Credentials;
import dev.heirloom.edge.link.DeviceCredentials;
import dev.heirloom.edge.link.TlsChannels;
import dev.heirloom.edge.report.WindowJournal;
import dev.heirloom.edge.serving.Berth;
import dev.heirloom.edge.serving.Berths;
import dev.heirloom.edge.serving.InService;
import dev.heirloom.edge.serving.LocalServer;
import dev.heirloom.edge.serving.RefusedRequests;
import dev.heirloom.edge.serving.ServingQueue;
import dev.heirloom.edge.slot.HeirInstaller;
import dev.heirloom.edge.slot.Installers;
import dev.heirloom.edge.slot.ProbeKeeper;
import dev.heirloom.edge.slot.StateDirectory;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.trust.KeyRoster;
import dev.heirloom.runtime.trust.TrustException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** One running agent: owns its state directory, its queue, its local server and its actors. */
final class Agent implements AutoCloseable {
  private static final long STOP_MS = 600;

  private final AtomicBoolean closed = new AtomicBoolean();
  private final CompletableFuture<Optional<String>> ended = new CompletableFuture<>();
  private final StateDirectory state;
  private final List<Berth> berths = new ArrayList<>();
  private final Optional<LocalServer> server;
  private final ActorSystem<Void> system;

  /**
   * Starts an agent that dials the control plane over TCP.
   *
   * @throws IOException if it cannot start; the message is one line for a person
   */
  static Agent start(AgentSettings settings, Announcer announcer) throws IOException {
    Optional<TlsChannels> tls =
        settings.tls().isPresent()
            ? Optional.of(TlsChannels.of(settings.controlPlane(), settings.tls().get().authority()))
            : Optional.empty();
    ProbeKeeper.Measurement probes =
        () -> MicroProbes.measure(SessionSettings.cpu(settings.threads()));
    return tls.isPresent()
        ? start(
            settings, announcer, state -> secured(settings, tls.get(), state, announcer), probes)
        : start(settings, announcer, ChannelOpener.tcp(settings.controlPlane()), probes);
  }

  private static Way secured(
      AgentSettings settings, TlsChannels channels, StateDirectory state, Announcer announcer) {
    DeviceCredentials credentials =
        new DeviceCredentials(
            channels,
            settings.enrolment(),
            state.identity(announcer::say),
            settings.tls().orElseThrow().token(),
            Clock.systemUTC(),
            () -> ThreadLocalRandom.current().nextDouble(),
            announcer::say);
    return new Way(credentials::open, credentials);
  }

  /** How to reach the control plane. */
  private record Way(ChannelOpener channels, Credentials credentials) {}

  static Agent start(
      AgentSettings settings,
      Announcer announcer,
      ChannelOpener channels,
      ProbeKeeper.Measurement probes)
      throws IOException {
    return start(settings, announcer, state -> new Way(channels, Credentials.NONE), probes);
  }

  private static Agent start(
      AgentSettings settings,
      Announcer announcer,
      Function<StateDirectory, Way> way,
      ProbeKeeper.Measurement probes)
      throws IOException {
    if (settings.stream().isPresent()) {
      checkStream(settings.stream().get().files());
    }
    Optional<KeyRoster> given =
        settings.trust().isPresent()
            ? Optional.of(roster(settings.trust().get()))
            : Optional.empty();
    StateDirectory state = StateDirectory.open(settings.state());
    try {
      return new Agent(settings, announcer, way.apply(state), probes, state, given);
    } catch (IOException | RuntimeException e) {
      state.close();
      throw e;
    }
  }

  private Agent(
      AgentSettings settings,
      Announcer announcer,
      Way way,
      ProbeKeeper.Measurement probes,
      StateDirectory state,
      Optional<KeyRoster> given)
      throws IOException {
    this.state = state;
    List<AgentSettings.BerthName> names = settings.berths();
    for (int i = 0; i < names.size(); i++) {
      InService inService = new InService();
      berths.add(
          new Berth(inService, new ServingQueue(inService, System::nanoTime, settings.batch())));
    }
    Berths all = new Berths(berths);
    try {
      server =
          settings.serve().isPresent()
              ? Optional.of(
                  LocalServer.start(
                      settings.serve().getAsInt(),
                      all,
                      AgentVersion.current(),
                      new RefusedRequests(System::nanoTime, announcer::say)))
              : Optional.empty();
    } catch (IOException e) {
      berths.forEach(Berth::close);
      throw e;
    }
    server.ifPresent(
        serving ->
            announcer.say("Open Inference Protocol on 127.0.0.1:" + serving.port() + " (gRPC)"));
    // Once the port is taken, because it may be refused, and before anything else computes.
    AgentSettings probed =
        state
            .probes(announcer::say)
            .times(runWith(settings), probes)
            .map(settings::withProbes)
            .orElse(settings);
    Installers installers =
        new Installers(
            state, names.size(), SessionSettings.cpu(settings.threads()), given, announcer::say);
    long instance = new SecureRandom().nextLong();
    List<AgentActor.Surroundings> surroundings = new ArrayList<>();
    for (AgentSettings.BerthName name : names) {
      boolean first = surroundings.isEmpty();
      Berth berth = berths.get(surroundings.size());
      Announcer own = first ? announcer : line -> announcer.say(name.family() + ": " + line);
      HeirInstaller installer = installers.of(name.family(), first, own::say);
      surroundings.add(
          new AgentActor.Surroundings(
              probed,
              name,
              own,
              way.channels(),
              way.credentials(),
              instance,
              new Installation(installer, berth.inService(), own),
              berth,
              new WindowJournal(
                  state.berth(name.family(), first).resolve("reports"),
                  new SecureRandom()::nextLong,
                  own::say),
              first ? settings.stream() : Optional.empty(),
              () -> server.filter(serving -> all.ready()).ifPresent(LocalServer::ready),
              reason -> ended.complete(Optional.of(reason))));
    }
    system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  // An actor that ends takes the agent with it.
                  for (int i = 0; i < surroundings.size(); i++) {
                    context.watch(
                        context.spawn(AgentActor.create(surroundings.get(i)), "berth-" + i));
                  }
                  return Behaviors.empty();
                }),
            "heirloom-agent",
            ConfigFactory.parseResourcesAnySyntax("heirloom-agent.conf")
                .withFallback(ConfigFactory.load()));
    system
        .getWhenTerminated()
        .thenRun(() -> ended.complete(Optional.of("stopped by an error of its own")));
  }

  /** What the times of micro-probes depend on: other hardware, runtime or threads, other times. */
  private static String runWith(AgentSettings settings) {
    DeviceProfile profile = settings.profile();
    return "%s, %d cores, %d bytes of memory, agent %s, threads %d"
        .formatted(
            System.getProperty("os.arch", "unknown"),
            profile.getCores(),
            profile.getMemoryBytes(),
            profile.getAgentVersion(),
            settings.threads());
  }

  /** The port for local applications, if it serves any. */
  Optional<Integer> servePort() {
    return server.map(LocalServer::port);
  }

  /** Waits until the agent is closed, or ends by itself: then with the reason, one line. */
  Optional<String> awaitEnd() throws InterruptedException {
    try {
      Optional<String> reason = ended.get();
      close();
      return reason;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops within about two seconds; what is on disk stays. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    ended.complete(Optional.empty());
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(STOP_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The process ends all the same.
    }
    server.ifPresent(LocalServer::close);
    berths.forEach(Berth::close);
    try {
      state.close();
    } catch (IOException e) {
      // The lock goes with the process.
    }
  }

  private static KeyRoster roster(Path file) throws IOException {
    try {
      return KeyRoster.read(file);
    } catch (MalformedException | TrustException e) {
      throw new IOException("--trust: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException("--trust: cannot read " + file, e);
    }
  }

  /** Files that are not there are found before anything is begun. */
  private static void checkStream(String files) throws IOException {
    for (String file : files.split(",", -1)) {
      if (!Files.isReadable(Path.of(file))) {
        throw new IOException("--stream: cannot read " + file);
      }
    }
  }
}
