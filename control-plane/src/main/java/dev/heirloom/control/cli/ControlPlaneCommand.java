package dev.heirloom.control.cli;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.JobSettings;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.store.TrustDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom control-plane}: the server, until it is interrupted. */
@Command(name = "control-plane", description = "Runs the server.")
final class ControlPlaneCommand implements Callable<Integer> {
  static final int GRPC_PORT = 7400;
  static final int HTTP_PORT = 7480;

  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A file with these options; the command line goes before it.")
  private @Nullable Path config;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where it keeps everything (${DEFAULT-VALUE}).")
  private Path data = Path.of("heirloom-data");

  @Option(
      names = "--grpc",
      paramLabel = "PORT",
      description = "For agents and clients; 0 takes a free one (${DEFAULT-VALUE}).")
  private int grpcPort = GRPC_PORT;

  @Option(
      names = "--http",
      paramLabel = "PORT",
      description = "For the dashboard and metrics; 0 takes a free one (${DEFAULT-VALUE}).")
  private int httpPort = HTTP_PORT;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "To listen on (${DEFAULT-VALUE}).")
  private String host = ControlPlaneSettings.LOOPBACK;

  @Option(
      names = "--insecure-beyond-loopback",
      description = "Accept an address that other machines reach, although nothing is encrypted.")
  private boolean insecure;

  @Option(
      names = "--egress-limit",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "Bytes of blobs a second to all devices together, e.g. 10MB (no limit).")
  private @Nullable Long egressLimit;

  @Option(
      names = "--device-limit",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "Bytes of blobs a second to each device, e.g. 500KB (no limit).")
  private @Nullable Long deviceLimit;

  @Option(
      names = "--least-speed",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "A transfer to a device that takes less a second is dropped (1KB).")
  private long leastSpeed = DeliverySettings.LEAST_BYTES_PER_SECOND;

  @Option(
      names = "--keep-versions",
      paramLabel = "N",
      description =
          "Newest versions of each family that stay, beside those that a device needs (all).")
  private @Nullable Integer keepVersions;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description = "In which transfers under way may end when it is stopped (${DEFAULT-VALUE}).")
  private int drainSeconds = 10;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text, a line for people, or json, an object a line (${DEFAULT-VALUE}).")
  private LogFormat logFormat = LogFormat.TEXT;

  @Option(
      names = "--certificate-valid",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long a device's certificate is valid (90d).")
  private Duration certificateValid = ControlPlaneSettings.CERTIFICATE_VALID;

  @Option(
      names = "--upload-limit",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "Bytes of uploaded teachers and data altogether (64GB).")
  private long uploadLimit = JobSettings.USUAL.uploadBytes();

  @Option(
      names = "--no-trainer",
      description = "Start no trainer here; 'heirloom trainer' connects from elsewhere.")
  private boolean noTrainer;

  @Option(
      names = "--trainer-threads",
      paramLabel = "N",
      description =
          "Threads of the trainer that is started here when there is a job (all cores but one).")
  private int trainerThreads = JobSettings.USUAL.threads();

  @Option(
      names = "--trainer-nice",
      paramLabel = "N",
      description = "0..19: how far that trainer gives way to others (${DEFAULT-VALUE}).")
  private int trainerNice = JobSettings.USUAL.niceness();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  ControlPlaneCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (config != null) {
      ConfigurationFile.read(config, spec.name())
          .apply(spec, new CommandLine(new ControlPlaneCommand(context)));
    }
    ControlPlaneSettings settings = settings();
    logFormat.begin();
    context.interruption().allow(settings.delivery().drain());
    Path keys = data.resolve(ControlPlane.TRUST);
    boolean hadKeys = TrustDirectory.exists(keys);
    try (ControlPlane plane = ControlPlane.start(settings)) {
      context.result("gRPC       " + new HostPort(host, plane.grpcPort()));
      context.result("dashboard  " + scheme() + new HostPort(host, plane.httpPort()) + "/");
      context.result("data       " + data.toAbsolutePath());
      context.result(
          "keys       "
              + keys.toAbsolutePath()
              + (hadKeys ? "" : " (new: root.key signs new keys, and belongs in a safe place)"));
      context.result("access     " + access());
      plane.awaitStop();
    }
    return 0;
  }

  private String scheme() {
    return AccessDirectory.exists(data.resolve(ControlPlane.ACCESS)) ? "https://" : "http://";
  }

  private String access() {
    Path files = data.resolve(ControlPlane.ACCESS);
    return AccessDirectory.exists(files)
        ? "tokens and certificates, by " + files.toAbsolutePath()
        : "open: nobody is asked who he is, nothing is encrypted ('heirloom init' changes that)";
  }

  private static OptionalLong limit(@Nullable Long bytesPerSecond) {
    return bytesPerSecond == null ? OptionalLong.empty() : OptionalLong.of(bytesPerSecond);
  }

  private ControlPlaneSettings settings() {
    try {
      return new ControlPlaneSettings(
          data,
          grpcPort,
          httpPort,
          host,
          insecure,
          new DeliverySettings(
              limit(egressLimit), limit(deviceLimit), leastSpeed, Duration.ofSeconds(drainSeconds)),
          keepVersions == null ? OptionalInt.empty() : OptionalInt.of(keepVersions),
          certificateValid,
          new JobSettings(uploadLimit, !noTrainer, trainerThreads, trainerNice));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
