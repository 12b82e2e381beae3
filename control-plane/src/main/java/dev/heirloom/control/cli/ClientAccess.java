package dev.heirloom.control.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By what a client knows the control plane, and the control plane the client.
 *
 * @param authority file of the authority that issued the control plane's certificate; empty: plain
 *     text
 * @param token empty: none
 */
public record ClientAccess(Optional<Path> authority, Optional<String> token) {
  /** Plain text, and nothing said of who asks. */
  public static final ClientAccess NONE = new ClientAccess(Optional.empty(), Optional.empty());

  private static final String CA = "HEIRLOOM_CA";
  private static final String TOKEN = "HEIRLOOM_TOKEN";
  private static final long LARGEST_BYTES = 1024;

  /**
   * From options, or else from {@code HEIRLOOM_CA} and {@code HEIRLOOM_TOKEN}. A token goes to
   * another machine under TLS only.
   */
  static ClientAccess of(
      HostPort address,
      @Nullable Path authority,
      @Nullable Path tokenFile,
      Map<String, String> environment)
      throws CommandException {
    Optional<Path> ca =
        Optional.ofNullable(authority).or(() -> named(environment, CA).map(Path::of));
    Optional<String> token =
        tokenFile == null ? named(environment, TOKEN) : Optional.of(read(tokenFile));
    if (token.isPresent() && ca.isEmpty() && !isLoopback(address.host())) {
      throw new CommandException(
          "a token is not sent to " + address + " in plain text",
          "--ca FILE names the fleet's authority (ca.crt), with which the connection is TLS.");
    }
    return new ClientAccess(ca, token);
  }

  /** Into the environment of a command that is started with neither option. */
  public void putInto(Map<String, String> environment) {
    environment.remove(CA);
    environment.remove(TOKEN);
    authority.ifPresent(file -> environment.put(CA, file.toAbsolutePath().toString()));
    token.ifPresent(text -> environment.put(TOKEN, text));
  }

  private static Optional<String> named(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static String read(Path file) throws CommandException {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw new CommandException("--token-file: " + file + " is too long to hold a token");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new CommandException("--token-file: cannot read " + file);
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "ClientAccess[authority=%s, token=%s]"
        .formatted(authority, token.isPresent() ? "given" : "none");
  }
}
