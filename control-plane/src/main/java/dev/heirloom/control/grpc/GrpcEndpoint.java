package dev.heirloom.control.grpc;

import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.fleet.BudgetDesk;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.FreeSpace;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.Materializer;

/** The gRPC server: every service, its limits, health and reflection. */
public final class GrpcEndpoint implements AutoCloseable {
  static final int MAX_MESSAGE_BYTES = 4 << 20;
  static final int MAX_MANIFEST_BYTES = 4 << 20;

  private static final int MAX_METADATA_BYTES = 8 << 10;
  private static final int CALLS_PER_CONNECTION = 256;
  private static final long CLIENT_PING_SECONDS = 10;
  private static final long PING_SECONDS = 60;
  private static final long PONG_SECONDS = 20;
  private static final long GRACE_MS = 500;

  /**
   * What the services are made from.
   *
   * @param published runs after each publish; returns at once
   */
  public record Ports(
      ActorSystem<?> system,
      Twins twins,
      ActorRef<FleetView.Command> view,
      ActorRef<ClassPriors.Command> priors,
      BudgetDesk budgets,
      JobDesk jobs,
      UploadedFiles files,
      RankPolicy policy,
      DirectoryCatalogue catalogue,
      DirectoryBlobStore blobs,
      BlobClaims claims,
      ReleaseDesk releases,
      FreeSpace space,
      Meters meters,
      DeliverySettings delivery,
      Runnable published,
      Executor blocking) {}

  // gRPC logs what clients do wrong, with stack traces, beside telling them. Held, or the level
  // would be forgotten.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static {
    GRPC.setLevel(Level.SEVERE);
  }

  private final Server server;
  private final HealthStatusManager health;

  private GrpcEndpoint(Server server, HealthStatusManager health) {
    this.server = server;
    this.health = health;
  }

  /**
   * Listens on {@code address}.
   *
   * @throws IOException where it cannot be bound
   */
  public static GrpcEndpoint start(InetSocketAddress address, Ports ports) throws IOException {
    HealthStatusManager health = new HealthStatusManager();
    List<BindableService> services =
        Stream.concat(
                services(ports).stream(),
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
            .addStreamTracerFactory(new CallCounter(methods(services), ports.meters()));
    services.forEach(builder::addService);
    return new GrpcEndpoint(builder.build().start(), health);
  }

  private static List<BindableService> services(Ports ports) {
    Materializer materializer = Materializer.matFromSystem(ports.system());
    BlobDelivery delivery =
        new BlobDelivery(
            ports.blobs(),
            ports.claims(),
            ports.meters(),
            ports.delivery().limit(),
            ports.delivery().leastBytesPerSecond());
    Recommendations recommendations =
        new Recommendations(
            ports.catalogue(), ports.policy(), ports.priors(), ports.budgets(), ports.system());
    return List.of(
        new AgentsService(
            ports.twins(),
            new AgentStream(
                ports.twins(), ports.meters(), ports.releases(), ports.blocking(), materializer),
            delivery,
            materializer),
        new ModelsService(
            ports.catalogue(),
            ports.releases(),
            recommendations,
            ports.blobs(),
            delivery,
            ports.meters(),
            ports.blocking(),
            materializer),
        new FleetService(
            ports.twins(), ports.budgets(), ports.view(), ports.system(), materializer),
        new TeachersService(
            new PublishFlow(ports),
            new UploadFlow(ports.files(), ports.space(), ports.blocking()),
            new JobCalls(ports.jobs(), ports.files(), ports.blocking()),
            ports.files(),
            ports.blobs(),
            ports.blocking(),
            materializer),
        new TrainersService(
            ports.jobs(),
            new BlobDelivery(
                ports.files().blobs(),
                ports.files().claims(),
                ports.meters(),
                ports.delivery().limit(),
                ports.delivery().leastBytesPerSecond()),
            materializer));
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

  /** Takes no more calls, lets short ones end, and ends the rest. */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(GRACE_MS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(GRACE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
