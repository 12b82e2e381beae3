package dev.heirloom.control.access;

import java.time.Instant;
import java.util.Optional;

/** Who calls. */
public sealed interface Identity {

  /** As the audit log names it. */
  String label();

  /** When it ends to be one, if ever. */
  default Optional<Instant> until() {
    return Optional.empty();
  }

  /** Whoever reaches a control plane that asks nobody who he is: on the loopback address only. */
  record Local() implements Identity {
    @Override
    public String label() {
      return "local";
    }
  }

  /** Somebody who did not say. */
  record Nobody() implements Identity {
    @Override
    public String label() {
      return "nobody";
    }
  }

  /** Whoever came with a token. */
  record Bearer(Token token) implements Identity {
    @Override
    public String label() {
      return "token " + token;
    }

    @Override
    public Optional<Instant> until() {
      return token.expires();
    }
  }

  /**
   * A device that came with its certificate.
   *
   * @param serial of the certificate, hexadecimal
   * @param issued when the certificate was, to the second
   * @param expires when the certificate runs out
   */
  record Device(String name, String serial, Instant issued, Instant expires) implements Identity {
    @Override
    public String label() {
      return "device " + name;
    }

    @Override
    public Optional<Instant> until() {
      return Optional.of(expires);
    }
  }
}
