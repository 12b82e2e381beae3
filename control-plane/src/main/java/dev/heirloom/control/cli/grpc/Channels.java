package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.ClientAccess;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The one place where commands open their way to a control plane. */
final class Channels {
  private static final int LARGEST_MESSAGE_BYTES = 16 << 20;
  private static final long PING_SECONDS = 20;
  private static final long PONG_SECONDS = 20;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private Channels() {}

  static ManagedChannel plain(HostPort address) {
    return builder(address).usePlaintext().build();
  }

  /** Over TLS where an authority is named. */
  static ManagedChannel open(HostPort address, ClientAccess access) throws CommandException {
    NettyChannelBuilder builder = builder(address);
    if (access.authority().isPresent()) {
      trust(builder, access.authority().get());
    } else {
      builder.usePlaintext();
    }
    access
        .token()
        .ifPresent(
            token -> builder.intercept(MetadataUtils.newAttachHeadersInterceptor(bearer(token))));
    return builder.build();
  }

  private static NettyChannelBuilder builder(HostPort address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
        // A connection that leads nowhere any more is found out about, and another one is made.
        .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS);
  }

  private static void trust(NettyChannelBuilder builder, Path authority) throws CommandException {
    if (!Files.isReadable(authority)) {
      throw new CommandException("--ca: cannot read " + authority);
    }
    try {
      builder.sslContext(GrpcSslContexts.forClient().trustManager(authority.toFile()).build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new CommandException("--ca: " + authority + " is not a certificate");
    }
  }

  private static Metadata bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    return headers;
  }
}
