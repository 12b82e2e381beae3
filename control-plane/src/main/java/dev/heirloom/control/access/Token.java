package dev.heirloom.control.access;

import java.time.Instant;
import java.util.Optional;

/**
 * What a control plane keeps of a token.
 *
 * @param id what it is called by; not secret
 * @param name who it is for
 * @param scope devices that it is for
 * @param sha256 digest of its secret, hexadecimal
 * @param expires empty: never
 * @param usesLeft devices that it may still enrol; 0 where it is no enrolment token
 * @param revoked empty: not
 */
public record Token(
    String id,
    String name,
    Role role,
    Scope scope,
    String sha256,
    Instant created,
    Optional<Instant> expires,
    int usesLeft,
    Optional<Instant> revoked) {

  /** The same with one use less. */
  Token used() {
    return new Token(id, name, role, scope, sha256, created, expires, usesLeft - 1, revoked);
  }

  /** The same, of no use any more. */
  Token revokedAt(Instant now) {
    return new Token(id, name, role, scope, sha256, created, expires, usesLeft, Optional.of(now));
  }

  /** Why it is of no use, if so. */
  Optional<String> useless(Instant now) {
    if (revoked.isPresent()) {
      return Optional.of("token " + this + " is revoked");
    }
    if (expires.filter(end -> !now.isBefore(end)).isPresent()) {
      return Optional.of("token " + this + " has expired");
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return name + " (" + id + ")";
  }
}
