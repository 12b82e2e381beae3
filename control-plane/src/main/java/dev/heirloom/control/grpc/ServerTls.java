package dev.heirloom.control.grpc;

import dev.heirloom.control.certificate.ServerKeys;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS as the server speaks it. A client may show a certificate, and must then have its key; what
 * the certificate says is judged per call, where a refusal has a name and goes into the audit log,
 * and where a revocation counts at once.
 */
final class ServerTls {
  private ServerTls() {}

  static SslContext context(ServerKeys keys) throws SSLException {
    return GrpcSslContexts.configure(SslContextBuilder.forServer(keys))
        .protocols("TLSv1.3", "TLSv1.2")
        .clientAuth(ClientAuth.OPTIONAL)
        .trustManager(new JudgedLater())
        .build();
  }

  /** Lets every certificate pass the handshake, which still asks for its key. */
  private static final class JudgedLater extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new IllegalStateException("a server is asked about servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new IllegalStateException("a server is asked about servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      throw new IllegalStateException("a server is asked about servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
