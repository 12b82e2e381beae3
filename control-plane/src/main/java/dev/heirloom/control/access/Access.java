package dev.heirloom.control.access;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who calls, and what was done: what the gRPC side asks before it serves a call, and tells after.
 * Without a desk for devices nobody is asked who he is. Thread-safe.
 */
public final class Access {
  private static final String BEARER = "Bearer ";

  private final AccessRecords records;
  private final TokenBook tokens;
  private final Optional<DeviceDesk> devices;
  private final AuditLog audit;
  private final Clock clock;
  private final List<Consumer<Predicate<Identity>>> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param devices empty: everybody may do everything
   */
  public Access(
      AccessRecords records,
      TokenBook tokens,
      Optional<DeviceDesk> devices,
      AuditLog audit,
      Clock clock) {
    this.records = records;
    this.tokens = tokens;
    this.devices = devices;
    this.audit = audit;
    this.clock = clock;
  }

  /** Whether nobody is asked who he is. */
  public boolean open() {
    return devices.isEmpty();
  }

  /**
   * Who calls.
   *
   * @param authorization what the call says of itself
   * @param certificate whose key the connection has
   */
  public Identity identify(Optional<String> authorization, Optional<X509Certificate> certificate)
      throws RefusedException {
    if (devices.isEmpty()) {
      return new Identity.Local();
    }
    if (authorization.isPresent()) {
      String text = authorization.get();
      if (!text.startsWith(BEARER)) {
        throw new RefusedException(Refusal.invalid("authorization is not 'Bearer TOKEN'"));
      }
      return new Identity.Bearer(tokens.shown(text.substring(BEARER.length()).strip()));
    }
    return certificate.isPresent()
        ? devices.get().identify(certificate.get())
        : new Identity.Nobody();
  }

  public TokenBook tokens() {
    return tokens;
  }

  /**
   * The desk for devices.
   *
   * @throws RefusedException where nobody is asked who he is
   */
  public DeviceDesk devices() throws RefusedException {
    return devices.orElseThrow(
        () ->
            new RefusedException(
                new Refusal(
                    Refusal.Kind.ROLE,
                    "this control plane asks nobody who he is; 'heirloom init' changes that")));
  }

  /** Writes down what was done, or not. */
  public void record(
      Identity identity, String peer, String method, String object, String outcome, String reason) {
    audit.add(
        new AuditEntry(
            0, clock.instant(), identity.label(), peer, method, object, outcome, reason));
  }

  /** Entries of the audit log with a number below {@code before}, newest first; blocks. */
  public List<AuditEntry> audit(long before, int most) throws IOException {
    return records.audit(before, most);
  }

  /** Is told which identities are ones no more. */
  public void onEnd(Consumer<Predicate<Identity>> listener) {
    listeners.add(listener);
  }

  /** Ends the calls of those who are who they said no more. */
  public void endOutdated() {
    end(identity -> !stillIs(identity));
  }

  /** Whether what said who somebody is was neither revoked nor has run out since. */
  public boolean stillIs(Identity identity) {
    if (identity.until().filter(end -> !clock.instant().isBefore(end)).isPresent()) {
      return false;
    }
    if (identity instanceof Identity.Bearer bearer) {
      return tokens.isOfUse(bearer.token());
    }
    return !(identity instanceof Identity.Device device)
        || devices.filter(desk -> desk.isRevoked(device)).isEmpty();
  }

  private void end(Predicate<Identity> identities) {
    listeners.forEach(listener -> listener.accept(identities));
  }
}
