package dev.heirloom.control;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AuditLog;
import dev.heirloom.control.access.DeviceDesk;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Token;
import dev.heirloom.control.access.TokenBook;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.certificate.ServerKeys;
import dev.heirloom.control.cli.ClientAccess;
import dev.heirloom.control.store.AccessTables;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What answers who calls, and what shows to callers who answers; from the data directory. */
final class AccessParts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessParts.class);
  private static final Duration EXPIRY_LOOK = Duration.ofSeconds(15);
  private static final Duration SERVER_LOOK = Duration.ofHours(12);

  private final AccessTables tables;
  private final AuditLog audit;
  private final Access access;
  private final Optional<ServerKeys> tls;
  private final Path authority;
  private final Clock clock;

  private AccessParts(
      AccessTables tables,
      AuditLog audit,
      Access access,
      Optional<ServerKeys> tls,
      Path authority,
      Clock clock) {
    this.tables = tables;
    this.audit = audit;
    this.access = access;
    this.tls = tls;
    this.authority = authority;
    this.clock = clock;
  }

  /**
   * Reads the files of {@code heirloom init}, where there are any, and the tables.
   *
   * @param certificates how long a device's certificate is valid
   */
  static AccessParts open(Path data, String journalUrl, Duration certificates, Clock clock)
      throws IOException, MalformedException {
    Path directory = data.resolve(ControlPlane.ACCESS);
    AccessTables tables = AccessTables.open(journalUrl);
    try {
      TokenBook tokens = TokenBook.open(tables, clock);
      Optional<DeviceDesk> devices = Optional.empty();
      Optional<ServerKeys> tls = Optional.empty();
      if (AccessDirectory.exists(directory)) {
        AccessDirectory files = AccessDirectory.open(directory);
        takeFirstToken(files, tokens);
        devices =
            Optional.of(DeviceDesk.open(tables, tokens, files.authority(), certificates, clock));
        tls = Optional.of(new ServerKeys(files.server(clock.instant())));
      }
      AuditLog audit = new AuditLog(tables);
      return new AccessParts(
          tables,
          audit,
          new Access(tables, tokens, devices, audit, clock),
          tls,
          AccessDirectory.open(directory).authorityFile(),
          clock);
    } catch (IOException | MalformedException | RuntimeException e) {
      tables.close();
      throw e;
    }
  }

  private static void takeFirstToken(AccessDirectory files, TokenBook tokens)
      throws IOException, MalformedException {
    Optional<String> line = files.firstToken();
    if (line.isPresent()) {
      String[] parts = line.get().split(" ", -1);
      if (parts.length != 2) {
        throw new MalformedException("first-token: not an id and a digest");
      }
      tokens.first(parts[0], parts[1]);
    }
  }

  Access access() {
    return access;
  }

  /** By what the trainer that this process starts calls it. */
  ClientAccess trainer() {
    if (access.open()) {
      return ClientAccess.NONE;
    }
    TokenSecret secret = TokenSecret.create();
    Token unused = access.tokens().ofThisProcess("local-trainer", Role.TRAINER, secret);
    return new ClientAccess(Optional.of(authority), Optional.of(secret.text()));
  }

  /** Empty: connections are plain text. */
  Optional<ServerKeys> tls() {
    return tls;
  }

  /**
   * Ends calls whose callers' tokens or certificates are none any more, and has the server's own
   * certificate made anew before it runs out, however long the process lives.
   *
   * @param blocking reads and writes files
   */
  void watchExpiry(ActorSystem<?> system, Executor blocking) {
    if (!access.open()) {
      system
          .scheduler()
          .scheduleWithFixedDelay(
              SERVER_LOOK,
              SERVER_LOOK,
              () -> blocking.execute(this::renewServer),
              system.executionContext());
      system
          .scheduler()
          .scheduleWithFixedDelay(
              EXPIRY_LOOK, EXPIRY_LOOK, access::endOutdated, system.executionContext());
    }
  }

  private void renewServer() {
    tls.ifPresent(
        keys -> {
          try {
            keys.show(AccessDirectory.open(DurableFiles.parent(authority)).server(clock.instant()));
          } catch (IOException | MalformedException e) {
            LOG.error(
                "the control plane's certificate, valid until {}, cannot be made anew: {}",
                keys.certificate().getNotAfter().toInstant(),
                e.getMessage());
          }
        });
  }

  @Override
  public void close() throws IOException, InterruptedException {
    audit.close();
    tables.close();
  }
}
