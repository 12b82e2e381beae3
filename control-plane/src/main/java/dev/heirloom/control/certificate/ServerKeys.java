package dev.heirloom.control.certificate;

import dev.heirloom.control.certificate.AccessDirectory.ServerIdentity;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What a server shows to its clients. It may change while the server runs: connections that begin
 * afterwards are shown the new certificate. Thread-safe.
 */
public final class ServerKeys extends X509ExtendedKeyManager {
  /** As Java and as OpenSSL call keys of the only sort that there is. */
  private static final List<String> KEY_TYPES = List.of("EC", "EC_EC");

  // A handshake asks for the certificate and then for its key, by the name that it was told first.
  private final Map<String, ServerIdentity> known = new ConcurrentHashMap<>();
  private volatile String shown;

  /** Shows this one first. */
  public ServerKeys(ServerIdentity identity) {
    this.shown = name(identity);
    known.put(shown, identity);
  }

  private static String name(ServerIdentity identity) {
    return identity.certificate().getSerialNumber().toString(16);
  }

  /** From now on shows another. */
  public void show(ServerIdentity identity) {
    known.put(name(identity), identity);
    shown = name(identity);
  }

  /** What is shown now. */
  public X509Certificate certificate() {
    return identity(shown).certificate();
  }

  private ServerIdentity identity(String name) {
    ServerIdentity identity = known.get(name);
    if (identity == null) {
      throw new IllegalArgumentException("name: " + name + " (expected: one that was given)");
    }
    return identity;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return KEY_TYPES.contains(keyType) ? shown : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return KEY_TYPES.contains(keyType) ? shown : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String name) {
    return new X509Certificate[] {identity(name).certificate()};
  }

  @Override
  public PrivateKey getPrivateKey(String name) {
    return identity(name).key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return KEY_TYPES.contains(keyType) ? new String[] {shown} : new String[0];
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[0];
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
