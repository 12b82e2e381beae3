package dev.heirloom.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;

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
 * @param keepVersions newest versions of each family that stay, from 1, beside those that a device
 *     needs; empty: all
 * @param certificateValid how long a device's certificate is valid; it is renewed after two thirds
 * @param jobs what is taken for them, and who works on them here
 */
public record ControlPlaneSettings(
    Path data,
    int grpcPort,
    int httpPort,
    String host,
    boolean insecureBeyondLoopback,
    DeliverySettings delivery,
    OptionalInt keepVersions,
    Duration certificateValid,
    JobSettings jobs) {
  /** Long enough for a device that is off for a season. */
  public static final Duration CERTIFICATE_VALID = Duration.ofDays(90);

  public static final String LOOPBACK = "127.0.0.1";

  public ControlPlaneSettings {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(host, "host");
    requirePort("grpcPort", grpcPort);
    requirePort("httpPort", httpPort);
    if (certificateValid.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "certificateValid: " + certificateValid + " (expected: a second or more)");
    }
    keepVersions.ifPresent(ControlPlaneSettings::requireVersion);
  }

  /** Certificates are valid for as long as usual, and jobs are worked on as usual. */
  public ControlPlaneSettings(
      Path data,
      int grpcPort,
      int httpPort,
      String host,
      boolean insecureBeyondLoopback,
      DeliverySettings delivery,
      OptionalInt keepVersions) {
    this(
        data,
        grpcPort,
        httpPort,
        host,
        insecureBeyondLoopback,
        delivery,
        keepVersions,
        CERTIFICATE_VALID,
        JobSettings.USUAL);
  }

  /** Keeps every version. */
  public ControlPlaneSettings(
      Path data,
      int grpcPort,
      int httpPort,
      String host,
      boolean insecureBeyondLoopback,
      DeliverySettings delivery) {
    this(data, grpcPort, httpPort, host, insecureBeyondLoopback, delivery, OptionalInt.empty());
  }

  /** Listens on the loopback address only. */
  public ControlPlaneSettings(Path data, int grpcPort, int httpPort) {
    this(data, grpcPort, httpPort, LOOPBACK, false, DeliverySettings.UNLIMITED);
  }

  private static void requireVersion(int keepVersions) {
    if (keepVersions < 1) {
      throw new IllegalArgumentException(
          "keepVersions: " + keepVersions + " (expected: 1 or more)");
    }
  }

  private static void requirePort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(name + ": " + port + " (expected: 0..65535)");
    }
  }
}
