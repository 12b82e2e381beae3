package dev.heirloom.control.grpc;

import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.certificate.ServerKeys;
import dev.heirloom.control.fleet.BudgetDesk;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.fleet.RolloutDesk;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.control.store.Backup;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.FreeSpace;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.control.store.UploadRoom;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.control.tailor.HeirCache;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.transport.grpc.RequestGuard;
import dev.heirloom.transport.grpc.RequestLimits;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.stream.Materializer;

/** The gRPC server: every service, its limits, health and reflection. */
public final class GrpcEndpoint implements AutoCloseable {
  static final int MAX_MESSAGE_BYTES = 4 << 20;
  static final int MAX_MANIFEST_BYTES = 4 << 20;

  private static final String UPLOADS = "heirloom.upload-dispatcher";

  // What is longer is answered by HTTP/2, without a word of gRPC's; what is shorter by the guard.
  private static final int MAX_METADATA_BYTES = 64 << 10;
  private static final RequestLimits REQUESTS = new RequestLimits(8 << 10, Duration.ofSeconds(30));
  private static final int CALLS_PER_CONNECTION = 256;
  private static final long CLIENT_PING_SECONDS = 10;
  private static final long PING_SECONDS = 60;
  private static final long PONG_SECONDS = 20;
  private static final long IDLE_MINUTES = 10;

  // Calls that one connection may take back: opening them costs a client less than this side.
  private static final int MOST_RESETS = 1000;
  private static final int RESETS_SECONDS = 30;
  private static final long GRACE_MS = 500;
  private static final long LOOK_MS = 50;

  /**
   * What the services are made from.
   *
   * @param published runs after each publish; returns at once
   * @param access whom to ask who calls
   * @param tls what to show to clients; empty: connections are plain text
   */
  public record Ports(
      ActorSystem<?> system,
      Twins twins,
      ActorRef<FleetView.Command> view,
      ActorRef<ClassPriors.Command> priors,
      BudgetDesk budgets,
      RolloutDesk rollouts,
      JobDesk jobs,
      UploadedFiles files,
      UploadRoom room,
      RankPolicy policy,
      DirectoryCatalogue catalogue,
      DirectoryBlobStore blobs,
      BlobClaims claims,
      ReleaseDesk releases,
      FreeSpace space,
      Meters meters,
      DeliverySettings delivery,
      Backup backup,
      HeirCache heirs,
      Runnable published,
      Access access,
      Optional<ServerKeys> tls,
      Executor blocking) {}

  // gRPC logs what clients do wrong, with stack traces, beside telling them. Held, or the level
  // would be forgotten.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static {
    GRPC.setLevel(Level.SEVERE);
  }

  private final Server server;
  private final HealthStatusManager health;
  private final BlobDelivery delivery;
  private final ScheduledExecutorService timer;
  private final Duration drain;

  private GrpcEndpoint(
      Server server,
      HealthStatusManager health,
      BlobDelivery delivery,
      ScheduledExecutorService timer,
      Duration drain) {
    this.server = server;
    this.health = health;
    this.delivery = delivery;
    this.timer = timer;
    this.drain = drain;
  }

  /**
   * Listens on {@code address}.
   *
   * @throws IOException where it cannot be bound
   */
  public static GrpcEndpoint start(InetSocketAddress address, Ports ports) throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    Refusals refusals = new Refusals(ports.access(), ports.meters(), System::nanoTime);
    OpenCalls calls = new OpenCalls();
    ports.access().onEnd(calls::end);
    AccessInterceptor access = new AccessInterceptor(ports.access(), refusals, calls);
    ScheduledExecutorService timer = RequestGuard.timer("heirloom-requests");
    RequestGuard guard =
        new RequestGuard(REQUESTS, timer, fault -> ports.meters().refusedMessage(fault.label()));
    BlobDelivery delivery = delivery(ports);
    List<BindableService> services =
        Stream.concat(
                services(ports, delivery, refusals).stream(),
                Stream.of(health.getHealthService(), ProtoReflectionServiceV1.newInstance()))
            .toList();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .maxInboundMetadataSize(MAX_METADATA_BYTES)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .permitKeepAliveTime(CLIENT_PING_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS)
            .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES)
            .maxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
            .intercept(new Traces())
            .addStreamTracerFactory(RequestGuard.tracers())
            .addStreamTracerFactory(new CallCounter(methods(services), ports.meters()));
    if (ports.tls().isPresent()) {
      builder.sslContext(ServerTls.context(ports.tls().get()));
    }
    for (BindableService service : services) {
      builder.addService(guard.over(ServerInterceptors.intercept(service, access)));
    }
    return new GrpcEndpoint(
        builder.build().start(), health, delivery, timer, ports.delivery().drain());
  }

  private static BlobDelivery delivery(Ports ports) {
    return new BlobDelivery(
        ports.blobs(),
        ports.claims(),
        ports.meters(),
        ports.delivery().limit(),
        ports.delivery().leastBytesPerSecond());
  }

  private static List<BindableService> services(
      Ports ports, BlobDelivery delivery, Refusals refusals) {
    Materializer materializer = Materializer.matFromSystem(ports.system());
    Recommendations recommendations =
        new Recommendations(
            ports.catalogue(), ports.policy(), ports.priors(), ports.budgets(), ports.system());
    Executor uploads = ports.system().dispatchers().lookup(DispatcherSelector.fromConfig(UPLOADS));
    ManifestAnswers manifests = new ManifestAnswers(ports.releases());
    DeviceCalls deviceCalls = new DeviceCalls(ports.meters(), System::nanoTime);
    return List.of(
        new AgentsService(
            ports.twins(),
            deviceCalls,
            new AgentStream(
                ports.twins(),
                deviceCalls,
                ports.meters(),
                ports.releases(),
                ports.access(),
                refusals,
                ports.blocking(),
                materializer),
            delivery,
            new Enrolments(ports.access(), refusals, ports.blocking()),
            materializer),
        new ModelsService(
            ports.catalogue(),
            recommendations,
            manifests,
            new Tailoring(
                recommendations,
                ports.heirs(),
                manifests,
                ports.blobs(),
                ports.claims(),
                delivery,
                ports.blocking()),
            delivery,
            ports.blocking(),
            materializer),
        new FleetService(
            ports.twins(),
            ports.budgets(),
            new RolloutCalls(
                ports.rollouts(),
                ports.catalogue(),
                ports.releases(),
                ports.view(),
                ports.system()),
            ports.view(),
            ports.system(),
            materializer),
        new TeachersService(
            new PublishFlow(ports),
            new UploadFlow(ports.files(), ports.room(), uploads),
            new JobCalls(
                ports.jobs(), ports.files(), ports.catalogue(), ports.releases(), ports.blocking()),
            ports.files(),
            ports.blobs(),
            ports.blocking(),
            materializer),
        new TrainersService(ports, materializer),
        new OperationsService(ports.backup(), ports.blocking(), materializer),
        new AccessService(ports.access(), ports.blocking()));
  }

  private static Set<String> methods(List<BindableService> services) {
    return services.stream()
        .flatMap(service -> service.bindService().getMethods().stream())
        .map(method -> method.getMethodDescriptor())
        .map(MethodDescriptor::getFullMethodName)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The port that is listened on. */
  public int port() {
    return server.getPort();
  }

  /**
   * Takes no more connections, says so to who asks for its health, lets transfers and short calls
   * end, and ends the rest.
   */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      long untilNs = System.nanoTime() + drain.toNanos();
      while (delivery.underWay() > 0 && System.nanoTime() < untilNs) {
        server.awaitTermination(LOOK_MS, TimeUnit.MILLISECONDS);
      }
      if (!server.awaitTermination(GRACE_MS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(GRACE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      timer.shutdownNow();
    }
  }
}
