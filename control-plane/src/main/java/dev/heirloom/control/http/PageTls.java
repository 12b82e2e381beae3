package dev.heirloom.control.http;

import dev.heirloom.control.certificate.ServerKeys;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;

/** TLS as the pages speak it, with the certificate that the gRPC side has. */
final class PageTls {
  private PageTls() {}

  static HttpsConnectionContext context(ServerKeys keys) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, null, null);
      return ConnectionContext.httpsServer(context);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
