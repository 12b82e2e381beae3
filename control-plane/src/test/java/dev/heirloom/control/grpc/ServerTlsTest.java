package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.certificate.ServerKeys;
import dev.heirloom.control.fixture.TlsCaller;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerTlsTest {
  @TempDir private Path directory;

  private static BigInteger shown(int port, X509Certificate authority) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            TlsCaller.trusting(authority)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  @Test
  void aCertificateThatIsMadeAnewIsShownWithoutARestart() throws Exception {
    Instant now = Instant.now();
    AccessDirectory files =
        AccessDirectory.create(directory, List.of("localhost", "127.0.0.1"), "id digest", now);
    ServerKeys keys = new ServerKeys(files.server(now));
    BigInteger first = keys.certificate().getSerialNumber();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(ServerTls.context(keys))
            .build()
            .start();
    try {
      X509Certificate authority = files.authority().certificate();
      assertThat(shown(server.getPort(), authority)).isEqualTo(first);
      keys.show(files.server(now));
      assertThat(keys.certificate().getSerialNumber()).isEqualTo(first);
      files.addHosts(List.of("fleet.example"), now);
      keys.show(files.server(now));
      assertThat(keys.certificate().getSerialNumber()).isNotEqualTo(first);
      assertThat(shown(server.getPort(), authority))
          .isEqualTo(keys.certificate().getSerialNumber());
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }
}
