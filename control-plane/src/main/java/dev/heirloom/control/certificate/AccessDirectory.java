package dev.heirloom.control.certificate;

import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What makes a control plane ask who calls, on disk: {@code ca.crt} and {@code ca.key}, the fleet's
 * authority; {@code server.crt} and {@code server.key}, by which the control plane is known; {@code
 * first-token}, what is kept of the first administrator's token until it is in the journal.
 */
public final class AccessDirectory {
  private static final Duration AUTHORITY_VALID = Duration.ofDays(3650);
  private static final Duration SERVER_VALID = Duration.ofDays(730);
  private static final Duration SERVER_RENEWED_BEFORE = Duration.ofDays(120);
  private static final String CERTIFICATE = "ca.crt";
  private static final String KEY = "ca.key";
  private static final String FIRST_TOKEN = "first-token";

  private final Path directory;

  private AccessDirectory(Path directory) {
    this.directory = directory;
  }

  /** Whether there is one. */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(CERTIFICATE));
  }

  /**
   * Whether there is one, as {@link #exists} says.
   *
   * @throws IOException where a part of one is there: whoever takes that for none would ask nobody
   *     who he is
   */
  public static boolean existsWhole(Path directory) throws IOException {
    boolean exists = exists(directory);
    if (!exists && Files.exists(directory.resolve(KEY))) {
      throw new IOException(
          directory.resolve(CERTIFICATE)
              + ": missing, and its key is there; put the certificate back, or move "
              + directory
              + " away and run 'heirloom init' for a new authority");
    }
    return exists;
  }

  /** The one that is there. */
  public static AccessDirectory open(Path directory) {
    return new AccessDirectory(directory);
  }

  /**
   * Makes an authority and the server's certificate.
   *
   * @param hosts names and addresses that the control plane is called by
   * @param firstToken id and SHA-256 of the first administrator's token
   */
  public static AccessDirectory create(
      Path directory, List<String> hosts, String firstToken, Instant now) throws IOException {
    if (existsWhole(directory)) {
      throw new IOException(directory + ": there is an authority already");
    }
    Files.createDirectories(directory);
    AccessDirectory made = new AccessDirectory(directory);
    CertificateAuthority authority = CertificateAuthority.create(now, AUTHORITY_VALID);
    made.writeServer(authority, hosts, now);
    Pem.write(directory.resolve(FIRST_TOKEN), firstToken + "\n", true);
    Pem.write(directory.resolve(KEY), Pem.text(authority.key()), true);
    // Last: by it the others count.
    Pem.write(made.authorityFile(), Pem.text(authority.certificate()), false);
    return made;
  }

  private void writeServer(CertificateAuthority authority, List<String> hosts, Instant now)
      throws IOException {
    KeyPair pair = CertificateAuthority.newKey();
    X509Certificate server = authority.server(pair.getPublic(), hosts, now, SERVER_VALID);
    Pem.write(directory.resolve("server.key"), Pem.text(pair.getPrivate()), true);
    Pem.write(directory.resolve("server.crt"), Pem.text(server), false);
  }

  /** The file that clients and devices are given. */
  public Path authorityFile() {
    return directory.resolve(CERTIFICATE);
  }

  public CertificateAuthority authority() throws IOException, MalformedException {
    X509Certificate certificate = Pem.certificate(authorityFile());
    PrivateKey key = Pem.key(directory.resolve(KEY));
    if (!CertificateAuthority.pair(certificate, key)) {
      throw new MalformedException(
          directory.resolve(KEY) + ": not the key of " + CERTIFICATE + " beside it");
    }
    return new CertificateAuthority(certificate, key);
  }

  /**
   * The server's certificate and key. They are made anew, for the same hosts, where the certificate
   * runs out within four months, or is not the key's because a writing of both was interrupted.
   */
  public ServerIdentity server(Instant now) throws IOException, MalformedException {
    Path file = directory.resolve("server.crt");
    X509Certificate certificate = Pem.certificate(file);
    PrivateKey key = Pem.key(directory.resolve("server.key"));
    boolean old = now.plus(SERVER_RENEWED_BEFORE).isAfter(certificate.getNotAfter().toInstant());
    if (old || !CertificateAuthority.pair(certificate, key)) {
      writeServer(authority(), hosts(certificate), now);
      certificate = Pem.certificate(file);
      key = Pem.key(directory.resolve("server.key"));
    }
    return new ServerIdentity(certificate, key);
  }

  /** A certificate for the server that is for these hosts, too; counts from its next start. */
  public List<String> addHosts(List<String> more, Instant now)
      throws IOException, MalformedException {
    Set<String> all = new LinkedHashSet<>(hosts(Pem.certificate(directory.resolve("server.crt"))));
    all.addAll(more);
    List<String> hosts = List.copyOf(all);
    writeServer(authority(), hosts, now);
    return hosts;
  }

  private static List<String> hosts(X509Certificate certificate) throws MalformedException {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names.stream().map(n -> String.valueOf(n.get(1))).toList();
    } catch (CertificateParsingException e) {
      throw new MalformedException("server.crt: its names cannot be read", e);
    }
  }

  /** What is kept of the first administrator's token. */
  public Optional<String> firstToken() throws IOException {
    try {
      return Optional.of(Files.readString(directory.resolve(FIRST_TOKEN)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * What a server shows to its clients.
   *
   * @param key of the certificate
   */
  public record ServerIdentity(X509Certificate certificate, PrivateKey key) {}
}
