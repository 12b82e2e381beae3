package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.bench.Figures;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.Manifest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Hostile messages over TLS on a control plane that asks who calls, from somebody who cannot say,
 * or who lies. Beside them an operator with a token, who must not notice.
 */
public final class SecuredCampaign implements AutoCloseable {
  private static final int AT_ONCE = 32;
  private static final long LOOK_MS = 100;
  private static final long DEADLINE_SECONDS = 10;
  private static final int PLAIN_CONNECTIONS = 60;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final long seed;
  private final Manifest manifest;
  private final Disturbances disturbances;
  private final Consumer<String> say;
  private final AttackedPlane plane;
  private final X509Certificate authority;
  private final ManagedChannel operator;

  /**
   * Starts a control plane.
   *
   * @param directory an empty one to work in
   * @param manifest of a family, which need not be there
   */
  public SecuredCampaign(long seed, Consumer<String> say, Path directory, Manifest manifest)
      throws Exception {
    this.seed = seed;
    this.manifest = manifest;
    this.say = say;
    this.disturbances = new Disturbances(say);
    Path data = Files.createDirectories(directory.resolve("plane"));
    TokenSecret secret = TokenSecret.create();
    this.authority =
        AccessDirectory.create(
                data.resolve(ControlPlane.ACCESS),
                List.of("localhost", "127.0.0.1"),
                secret.id() + " " + secret.sha256(),
                Clock.systemUTC().instant())
            .authority()
            .certificate();
    this.plane = AttackedPlane.start(data, directory.resolve("plane.log"));
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + secret.text());
    this.operator =
        NettyChannelBuilder.forAddress("127.0.0.1", plane.grpcPort())
            .sslContext(GrpcSslContexts.forClient().trustManager(authority).build())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
  }

  /**
   * Attacks; {@code messages}, {@code disturbed}, and how long the operator waits.
   *
   * @param calls so many
   */
  public Figures run(long calls) throws Exception {
    List<MethodDescriptor<?, ?>> methods = Methods.of(operator);
    HostileCalls hostile = new HostileCalls(seed, methods, new SoundRequests(manifest));
    List<Double> looksMs = new ArrayList<>();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    long logBytes = plane.logBytes();
    long right;
    try (Attack attack =
        new Attack(
            HostileClient.nobody(plane.grpcPort(), authority),
            disturbances,
            Verdict::ofNobody,
            AT_ONCE)) {
      ScheduledFuture<?> unused =
          timer.scheduleWithFixedDelay(() -> look(looksMs), 0, LOOK_MS, TimeUnit.MILLISECONDS);
      attack.run(number -> lying(hostile.call(number), number), 0, calls);
      attack.await();
      say.accept("as nobody: " + attack.ends());
      right = attack.right() + plain();
    } finally {
      // A look that is under way comes to its end.
      timer.shutdown();
      timer.awaitTermination(2 * DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
    disturbances.require(plane.alive(), "the control plane that asks ended");
    return Figures.none()
        .with("messages", (double) right)
        .with("disturbed", disturbances.count())
        .with("secured_log_mib", (plane.logBytes() - logBytes) / (double) (1 << 20))
        .withPercentile("secured_probe_ms_p99", 0.99, looksMs);
  }

  private void look(List<Double> looksMs) {
    long begunNs = System.nanoTime();
    try {
      var unused =
          FleetGrpc.newBlockingStub(operator)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .listDevices(ListDevicesRequest.getDefaultInstance());
      looksMs.add((System.nanoTime() - begunNs) / 1e6);
    } catch (StatusRuntimeException e) {
      disturbances.add("a call of an operator failed: " + e.getMessage());
    }
  }

  /** Two of three calls claim to be somebody. */
  private static HostileCall lying(HostileCall call, long number) {
    if (number % 3 == 0 || !call.headers().isEmpty()) {
      return call;
    }
    String token = number % 3 == 1 ? TokenSecret.create().text() : "token " + number;
    return new HostileCall(
        call.number(),
        call.malice(),
        call.method(),
        Map.of("authorization", "Bearer " + token),
        call.encoding(),
        call.messages(),
        call.end(),
        call.expected());
  }

  /** Plain text where TLS is spoken. */
  private long plain() {
    long right = 0;
    for (int i = 0; i < PLAIN_CONNECTIONS; i++) {
      RawAttack raw =
          new RawAttack(
              seed,
              i,
              FleetGrpc.getListDevicesMethod().getFullMethodName(),
              ListDevicesRequest.getDefaultInstance().toByteString());
      var wrong = raw.run(plane.grpcPort());
      wrong.ifPresent(disturbances::add);
      right += wrong.isPresent() ? 0 : 1;
    }
    return right;
  }

  @Override
  public void close() {
    operator.shutdownNow();
    plane.close();
  }
}
