package dev.heirloom.edge.link;

import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;

/** What is wrong with the protection of a connection, and what to do, for a person. */
final class TlsReason {
  private TlsReason() {}

  /** What the causes of a failure say of it; empty where it is something else. */
  static Optional<String> of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return Optional.of(
            "the control plane's certificate is not valid at this time ("
                + cause.getMessage()
                + "): is this device's clock right?");
      }
      Optional<String> said = ofMessage(String.valueOf(cause.getMessage()));
      if (said.isPresent()) {
        return said;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofMessage(String message) {
    if (message.contains("unable to find valid certification path")
        || message.contains("signature check failed")) {
      return Optional.of(
          "the control plane's certificate is not of the authority that --ca names: it is another"
              + " fleet's, or the file is");
    }
    if (message.contains("not an SSL/TLS record")) {
      return Optional.of("the control plane does not speak TLS, and --ca is given");
    }
    if (message.contains("No subject alternative") || message.contains("No name matching")) {
      return Optional.of(
          "the control plane's certificate is not for this address ("
              + message
              + "): 'heirloom init --host' says what it is called");
    }
    return message.contains("Network closed for unknown reason")
        ? Optional.of(
            "the connection was closed at once; if the control plane speaks TLS: --ca FILE")
        : Optional.empty();
  }
}
