package dev.heirloom.edge.link;

import dev.heirloom.edge.identity.DeviceIdentity.Certified;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Channels to a control plane whose certificate a given authority issued. */
public final class TlsChannels {
  private static final long LARGEST_BYTES = 64 << 10;

  private final TcpChannels channels;
  private final X509Certificate authority;

  private TlsChannels(TcpChannels channels, X509Certificate authority) {
    this.channels = channels;
    this.authority = authority;
  }

  /**
   * Reads the authority's certificate.
   *
   * @throws IOException where it cannot be read; the message is one line for a person
   */
  public static TlsChannels of(Endpoint endpoint, Path authority) throws IOException {
    return new TlsChannels(new TcpChannels(endpoint), certificate(authority));
  }

  private static X509Certificate certificate(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("--ca: cannot read " + file);
    }
    if (Files.size(file) > LARGEST_BYTES) {
      throw new IOException("--ca: " + file + " is too long to be a certificate");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (CertificateException e) {
      throw new IOException("--ca: " + file + " is not a certificate (expected: PEM)", e);
    }
  }

  /** A channel; with {@code shown} the control plane learns which device it is of. */
  ManagedChannel open(Optional<Certified> shown) {
    return channels.open(Optional.of(context(shown)));
  }

  private SslContext context(Optional<Certified> shown) {
    SslContextBuilder builder = GrpcSslContexts.forClient().trustManager(authority);
    shown.ifPresent(has -> builder.keyManager(has.key().privateKey(), has.certificate().x509()));
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }
}
