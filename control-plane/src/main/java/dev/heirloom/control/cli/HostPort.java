package dev.heirloom.control.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An address to connect to.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port 1..65535
 */
public record HostPort(String host, int port) {
  private static final int LAST_PORT = 65535;

  public HostPort {
    if (host.isEmpty() || !host.matches("[A-Za-z0-9._:%-]+")) {
      throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
    }
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1.." + LAST_PORT + ")");
    }
  }

  /** Reads {@code HOST:PORT} or {@code [IPv6]:PORT}. */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String digits = text.substring(colon + 1);
    if (colon < 1 || !digits.matches("[0-9]{1,5}") || text.contains("/")) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT, e.g. localhost:7400");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      throw new IllegalArgumentException("'" + text + "': an IPv6 address stands in brackets");
    }
    return new HostPort(host, Integer.parseInt(digits));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Picocli's way to {@link #parse}. */
  public static final class Converter implements ITypeConverter<HostPort> {
    @Override
    public HostPort convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
