package dev.heirloom.edge.serving;

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
import java.util.concurrent.TimeUnit;

/** Serves the applications on this device, on the loopback interface only. */
public final class LocalServer implements AutoCloseable {
  private final Server server;
  private final EventLoopGroup loop;
  private final HealthStatusManager health;

  private LocalServer(Server server, EventLoopGroup loop, HealthStatusManager health) {
    this.server = server;
    this.loop = loop;
    this.health = health;
  }

  /**
   * Starts to serve.
   *
   * @param port 0 takes a free one
   * @param version the agent's
   * @throws IOException if the port cannot be had; the message is one line for a person
   */
  public static LocalServer start(int port, Berths berths, String version) throws IOException {
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("heirloom-server", true), NioIoHandler.newFactory());
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("", ServingStatus.NOT_SERVING);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      Server server =
          NettyServerBuilder.forAddress(address)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .channelType(NioServerSocketChannel.class)
              .directExecutor()
              .addService(new InferenceService(berths, version))
              .addService(new FeedbackService(berths))
              .addService(health.getHealthService())
              .addService(ProtoReflectionServiceV1.newInstance())
              .build()
              .start();
      return new LocalServer(server, loop, health);
    } catch (IOException e) {
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
    var unused = loop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS);
  }
}
