package dev.heirloom.control;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a control plane keeps its things and where it listens.
 *
 * @param data directory for the journal, blobs and families; created where it is missing
 * @param grpcPort 0..65535; 0 takes any free port
 * @param httpPort 0..65535; 0 takes any free port
 * @param host address or name that both ports are bound to
 * @param insecureBeyondLoopback whether a host that other machines can reach is accepted although
 *     the connections are not encrypted
 * @param delivery how fast blobs leave
 */
public record ControlPlaneSettings(
    Path data,
    int grpcPort,
    int httpPort,
    String host,
    boolean insecureBeyondLoopback,
    DeliverySettings delivery) {
  public static final String LOOPBACK = "127.0.0.1";

  public ControlPlaneSettings {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(host, "host");
    requirePort("grpcPort", grpcPort);
    requirePort("httpPort", httpPort);
  }

  /** Listens on the loopback address only. */
  public ControlPlaneSettings(Path data, int grpcPort, int httpPort) {
    this(data, grpcPort, httpPort, LOOPBACK, false, DeliverySettings.UNLIMITED);
  }

  private static void requirePort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(name + ": " + port + " (expected: 0..65535)");
    }
  }
}
