package dev.heirloom.edge;

import dev.heirloom.edge.link.Endpoint;
import dev.heirloom.edge.link.EnrolmentToken;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.runtime.text.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code heirloom agent}: the program on the device. */
@Command(
    name = "heirloom agent",
    mixinStandardHelpOptions = true,
    versionProvider = AgentMain.Version.class,
    sortOptions = false,
    description = "Keeps the heir in service that suits this device, and reports what it measures.")
public final class AgentMain implements Callable<Integer> {
  private static final String ENROL_TOKEN = "HEIRLOOM_ENROL_TOKEN";
  private static final String LOGBACK = "logback.configurationFile";

  // gRPC logs, with stack traces, what the agent says in one line. Held, or the level would be
  // forgotten.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--control-plane",
      required = true,
      paramLabel = "HOST:PORT",
      converter = EndpointConverter.class,
      description = "Where the control plane listens.")
  private @Nullable Endpoint controlPlane;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "The device's name, unique in the fleet.")
  private String name = "";

  @Option(
      names = "--state",
      required = true,
      paramLabel = "DIR",
      description = "Directory for what must outlive the agent.")
  private Path state = Path.of("");

  @Option(
      names = "--p95-budget",
      required = true,
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "95th percentile of the request latency that may not be exceeded, e.g. 5ms.")
  private Duration p95Budget = Duration.ZERO;

  @Option(
      names = "--memory-budget",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description = "Memory that an heir may take, e.g. 64MB.")
  private long memoryBudget;

  @Option(
      names = "--size-budget",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description = "Bytes that an heir may have on disk, e.g. 2MB.")
  private long sizeBudget;

  @Option(
      names = "--least-accuracy",
      paramLabel = "SHARE",
      description = "Accuracy below which an heir is of no use, 0..1.")
  private double leastAccuracy;

  @Option(
      names = "--device-class",
      paramLabel = "C",
      description = "Devices of one class are equally fast (default: architecture and cores).")
  private String deviceClass = "";

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "Roster of the keys that sign what may be installed (default: trust the first met).")
  private @Nullable Path trust;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "Authority that issued the control plane's certificate; the connection is TLS then"
              + " (default: plain text).")
  private @Nullable Path authority;

  @Option(
      names = "--enrol-token-file",
      paramLabel = "FILE",
      description =
          "File with the token to be exchanged for this device's certificate"
              + " (or HEIRLOOM_ENROL_TOKEN with the token).")
  private @Nullable Path enrolTokenFile;

  @Option(
      names = "--family",
      paramLabel = "NAME",
      description =
          "A family to serve; may be repeated, each is served by its name (default: the one"
              + " published last).")
  private List<String> families = new ArrayList<>();

  @Option(
      names = "--label",
      paramLabel = "K=V",
      description = "A label of the device; may be repeated.")
  private Map<String, String> labels = new TreeMap<>();

  @Option(
      names = "--window",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Length of a report window (default: 10s).")
  private Duration window = Duration.ofSeconds(10);

  @Option(
      names = "--serve",
      paramLabel = "PORT",
      description = "Serve the Open Inference Protocol on this loopback port; 0 takes a free one.")
  private int serve = -1;

  @Option(
      names = "--stream",
      paramLabel = "DATA",
      description =
          "Replay data: images.idx[.gz][,labels.idx[.gz]], .npz, .csv[.gz], cifar10:FILES or"
              + " cifar100:FILES.")
  private String stream = "";

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second of --stream (default: 10).")
  private double rate = Double.NaN;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that a session may use (default: 1).")
  private int threads = 1;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Requests that one inference may answer where several wait (default: 1).")
  private int batch = 1;

  private AgentMain() {}

  /** Runs the agent until it is told to stop. */
  public static void main(String[] args) {
    quietLibraries();
    System.exit(run(args));
  }

  /** Runs the agent; gives the exit code. */
  static int run(String... args) {
    CommandLine command = new CommandLine(new AgentMain());
    command.setParameterExceptionHandler(AgentMain::onBadOption);
    command.setExecutionExceptionHandler(
        (failure, line, parsed) -> {
          System.err.println("heirloom agent: " + oneLine(failure));
          return CommandLine.ExitCode.SOFTWARE;
        });
    return command.execute(args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    AgentSettings settings = settings();
    Announcer announcer = Announcer.onStandardError(settings.name());
    Agent agent;
    try {
      agent = Agent.start(settings, announcer);
    } catch (IOException e) {
      System.err.println("heirloom agent: " + oneLine(e));
      return CommandLine.ExitCode.SOFTWARE;
    }
    AtomicBoolean ended = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> interrupted(agent, ended, announcer), "heirloom-stop"));
    Optional<String> failure = agent.awaitEnd();
    ended.set(true);
    failure.ifPresent(reason -> System.err.println("heirloom agent: " + reason));
    return failure.isPresent() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private static void interrupted(Agent agent, AtomicBoolean ended, Announcer announcer) {
    if (!ended.get()) {
      agent.close();
      announcer.say("interrupted");
    }
  }

  private AgentSettings settings() {
    Endpoint endpoint = controlPlane;
    if (endpoint == null) {
      throw badOption("--control-plane: missing");
    }
    if (Double.isFinite(rate) && stream.isEmpty()) {
      throw badOption("--rate: given without --stream");
    }
    try {
      return new AgentSettings(
          endpoint,
          name,
          state,
          profile(),
          Budget.newBuilder()
              .setP95LatencyNs(p95Budget.toNanos())
              .setMemoryBytes(memoryBudget)
              .setSizeBytes(sizeBudget)
              .setLeastAccuracy(leastAccuracy)
              .build(),
          Optional.ofNullable(trust),
          tls(),
          families,
          window,
          serve == -1 ? OptionalInt.empty() : OptionalInt.of(serve),
          stream.isEmpty()
              ? Optional.empty()
              : Optional.of(new AgentSettings.Stream(stream, Double.isNaN(rate) ? 10 : rate)),
          threads,
          batch);
    } catch (IllegalArgumentException e) {
      throw badOption(String.valueOf(e.getMessage()));
    }
  }

  private Optional<AgentSettings.Tls> tls() {
    Optional<String> text =
        Optional.ofNullable(System.getenv(ENROL_TOKEN))
            .map(String::strip)
            .filter(t -> !t.isEmpty());
    EnrolmentToken token = new EnrolmentToken(Optional.ofNullable(enrolTokenFile), text);
    Path issuer = authority;
    if (issuer != null) {
      return Optional.of(new AgentSettings.Tls(issuer, token));
    }
    if (token.given()) {
      throw badOption(
          (enrolTokenFile == null ? ENROL_TOKEN : "--enrol-token-file")
              + ": given without --ca; a token is not sent in plain text");
    }
    return Optional.empty();
  }

  private DeviceProfile profile() {
    int cores = Runtime.getRuntime().availableProcessors();
    String architecture = System.getProperty("os.arch", "unknown").toLowerCase(Locale.ROOT);
    return DeviceProfile.newBuilder()
        .setDeviceClass(deviceClass.isEmpty() ? architecture + "-" + cores : deviceClass)
        .setCores(cores)
        .setMemoryBytes(MachineMemory.totalBytes())
        .addExecutionProviders("CPUExecutionProvider")
        .putAllLabels(labels)
        .setAgentVersion(AgentVersion.current())
        .setThreads(threads)
        .build();
  }

  private ParameterException badOption(String message) {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(known.commandLine(), message);
  }

  private static int onBadOption(ParameterException failure, String[] args) {
    System.err.println("heirloom agent: " + oneLine(failure));
    System.err.println("  'heirloom agent --help' says how it is used.");
    return CommandLine.ExitCode.USAGE;
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null
        ? failure.getClass().getSimpleName()
        : message.replaceAll("\\s+", " ").strip();
  }

  /**
   * What libraries log goes to standard error from the level of a warning; set before any of them
   * starts.
   */
  private static void quietLibraries() {
    if (System.getProperty(LOGBACK) == null) {
      System.setProperty(LOGBACK, "heirloom-agent-logback.xml");
    }
    GRPC.setLevel(Level.SEVERE);
    // One arena is enough for a device, and each would keep memory of its own.
    System.setProperty("io.grpc.netty.shaded.io.netty.allocator.numDirectArenas", "1");
    System.setProperty("io.grpc.netty.shaded.io.netty.allocator.numHeapArenas", "1");
    System.setProperty("io.grpc.netty.shaded.io.netty.allocator.maxOrder", "6");
  }

  /** Says which build this is. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"heirloom agent " + AgentVersion.current()};
    }
  }

  /** Reads {@code HOST:PORT}. */
  static final class EndpointConverter implements ITypeConverter<Endpoint> {
    @Override
    public Endpoint convert(String text) {
      return checked(() -> Endpoint.parse(text));
    }
  }

  /** Reads times such as {@code 5ms}. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return checked(() -> Quantity.duration(text));
    }
  }

  /** Reads sizes such as {@code 64MB}. */
  static final class BytesConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(() -> Quantity.bytes(text));
    }
  }

  private static <T> T checked(java.util.function.Supplier<T> parse) {
    try {
      return parse.get();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
