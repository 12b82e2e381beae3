package dev.heirloom.edge.link;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the control plane listens.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 1..65535
 */
public record Endpoint(String host, int port) {
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([A-Za-z0-9._-]+)):(\\d{1,5})");

  public Endpoint {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host: empty");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
    }
  }

  /**
   * Reads {@code HOST:PORT}.
   *
   * @throws IllegalArgumentException if the text is not one; the message is for the person who
   *     wrote it
   */
  public static Endpoint parse(String text) {
    Matcher matcher = HOST_AND_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' (expected: HOST:PORT, e.g. 127.0.0.1:7400)");
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    int port = Integer.parseInt(matcher.group(3));
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("'" + text + "': port " + port + " (expected: 1..65535)");
    }
    return new Endpoint(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
