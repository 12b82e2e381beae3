package dev.heirloom.control.http;

import dev.heirloom.control.certificate.AccessDirectory.ServerIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;

/** TLS as the pages speak it, with the certificate that the gRPC side has. */
final class PageTls {
  private static final char[] IN_MEMORY_ONLY = {};

  private PageTls() {}

  static HttpsConnectionContext context(ServerIdentity identity) {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, IN_MEMORY_ONLY);
      keys.setKeyEntry(
          "server", identity.key(), IN_MEMORY_ONLY, new Certificate[] {identity.certificate()});
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      own.init(keys, IN_MEMORY_ONLY);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own.getKeyManagers(), null, null);
      return ConnectionContext.httpsServer(context);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
