package dev.heirloom.edge.serving;

import dev.heirloom.transport.grpc.RequestFault;
import dev.heirloom.transport.grpc.RequestGuard;
import dev.heirloom.transport.grpc.RequestLimits;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Serves the applications on this device, on the loopback interface only. */
public final class LocalServer implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 4 << 20;

  // What is longer is answered by HTTP/2, without a word of gRPC's; what is shorter by the guard.
  private static final int MAX_METADATA_BYTES = 64 << 10;
  private static final RequestLimits REQUESTS = new RequestLimits(8 << 10, Duration.ofMinutes(1));
  private static final int CALLS_PER_CONNECTION = 256;

  // Calls that one connection may take back: opening them costs a client less than this side.
  private static final int MOST_RESETS = 1000;
  private static final int RESETS_SECONDS = 30;

  private final Server server;
  private final EventLoopGroup loop;
  private final HealthStatusManager health;
  private final ScheduledExecutorService timer;

  private LocalServer(
      Server server,
      EventLoopGroup loop,
      HealthStatusManager health,
      ScheduledExecutorService timer) {
    this.server = server;
    this.loop = loop;
    this.health = health;
    this.timer = timer;
  }

  /**
   * Starts to serve.
   *
   * @param port 0 takes a free one
   * @param version the agent's
   * @param refused hears of each request that is none
   * @throws IOException if the port cannot be had; the message is one line for a person
   */
  public static LocalServer start(
      int port, Berths berths, String version, Consumer<RequestFault> refused) throws IOException {
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("heirloom-server", true), NioIoHandler.newFactory());
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("", ServingStatus.NOT_SERVING);
    ScheduledExecutorService timer = RequestGuard.timer("heirloom-requests");
    RequestGuard guard = new RequestGuard(REQUESTS, timer, refused);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      Server server =
          NettyServerBuilder.forAddress(address)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .channelType(NioServerSocketChannel.class)
              .directExecutor()
              .maxInboundMessageSize(MAX_MESSAGE_BYTES)
              .maxInboundMetadataSize(MAX_METADATA_BYTES)
              .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
              .maxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
              .addStreamTracerFactory(RequestGuard.tracers())
              .addService(guard.over(new InferenceService(berths, version).bindService()))
              .addService(guard.over(new FeedbackService(berths).bindService()))
              .addService(guard.over(health.getHealthService().bindService()))
              .addService(guard.over(ProtoReflectionServiceV1.newInstance().bindService()))
              .build()
              .start();
      return new LocalServer(server, loop, health, timer);
    } catch (IOException e) {
      timer.shutdownNow();
      var unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new IOException("port " + port + ": " + root.getMessage(), e);
    }
  }

  /** The port on which it serves. */
  public int port() {
    return server.getPort();
  }

  /** Says to whoever asks for the health that there is an heir in service. */
  public void ready() {
    health.setStatus("", ServingStatus.SERVING);
  }

  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdownNow();
    timer.shutdownNow();
    var unused = loop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS);
  }
}
