package dev.heirloom.control.cli.rollouts;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.MaintenanceWindow;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutGates;
import dev.heirloom.proto.v1.RolloutGroupSize;
import dev.heirloom.proto.v1.RolloutPace;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.text.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom rollouts create}: begins one. */
@Command(
    name = "create",
    description = {
      "Brings a version that was published with --hold to the devices of its family.",
      "A gate compares devices with themselves on the version before; 'off' leaves it out."
    })
final class RolloutsCreateCommand implements Callable<Integer> {
  private static final String OFF = "off";
  private static final Pattern WINDOW =
      Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d)-([01]\\d|2[0-3]):([0-5]\\d)");

  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the rollout; a new one.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "FAMILY", description = "Name of the family.")
  private String family = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--version",
      paramLabel = "SHA256",
      description = "The version, by its manifest's digest (the one published last).")
  private @Nullable String version;

  @Option(
      names = "--label",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them (every device).")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(
      names = "--groups",
      paramLabel = "SIZE",
      split = ",",
      description = "Devices or percent, the canary first; the rest is a last group (1%%,10%%,50%%).")
  private List<String> groups = List.of();

  @Option(
      names = "--least-success",
      paramLabel = "PERCENT",
      description = "Installations that succeed, also of each device class (90).")
  private @Nullable String success;

  @Option(
      names = "--accuracy-loss",
      paramLabel = "POINTS",
      description = "Accuracy in the field that may be lost (2).")
  private @Nullable String loss;

  @Option(
      names = "--p95-ratio",
      paramLabel = "RATIO",
      description = "95th percentile of the latency over that before (1.25).")
  private @Nullable String ratio;

  @Option(
      names = "--drift",
      paramLabel = "POINTS",
      description = "By how much the mean confidence may move (10).")
  private @Nullable String drift;

  @Option(
      names = "--least-labels",
      paramLabel = "N",
      description = "Labels of each version before accuracy is judged (400).")
  private @Nullable Integer labels;

  @Option(
      names = "--least-windows",
      paramLabel = "N",
      description = "Windows of each version before latency is judged (20).")
  private @Nullable Integer windows;

  @Option(
      names = "--baseline",
      paramLabel = "TIME",
      description = "Longest time to measure the version before (1d).")
  private @Nullable String baseline;

  @Option(
      names = "--attempt",
      paramLabel = "TIME",
      description = "Longest time for a device to install (4h).")
  private @Nullable String attempt;

  @Option(names = "--soak", paramLabel = "TIME", description = "Least time of each group (1h).")
  private @Nullable String soak;

  @Option(
      names = "--longest-soak",
      paramLabel = "TIME",
      description = "After it a gate in doubt halts the rollout (2d).")
  private @Nullable String longestSoak;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description = "Failed installations after which a device is given up, 1..3 (2).")
  private int attempts;

  @Option(
      names = "--window",
      paramLabel = "FROM-TO",
      description = "When installations may begin, UTC, e.g. 22:00-04:00; repeated (always).")
  private List<String> maintenance = List.of();

  @Option(names = "--json", description = "Print it as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  RolloutsCreateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    RolloutSpec asked = spec();
    Rollout rollout = plane.ask(client -> client.rollouts().create(asked));
    context.result(RolloutTexts.page(rollout));
    if (json) {
      context.result(RolloutJson.of(rollout));
    }
    return 0;
  }

  private RolloutSpec spec() {
    RolloutSpec.Builder asked =
        RolloutSpec.newBuilder()
            .setName(name)
            .setFamily(family)
            .putAllSelector(selector)
            .setGates(gates())
            .setPace(pace());
    if (version != null) {
      String hex = version;
      asked.setManifestSha256(
          read("--version", hex, text -> Digest.parse(text).bytes()));
    }
    groups.forEach(size -> asked.addGroups(size(size)));
    maintenance.forEach(window -> asked.addWindows(window(window)));
    return asked.build();
  }

  private RolloutGates gates() {
    RolloutGates.Builder gates = RolloutGates.newBuilder();
    gate("--least-success", success, 100, gates::setLeastSuccess, off -> {});
    gate("--accuracy-loss", loss, 100, gates::setMostAccuracyLoss, gates::setAccuracyOff);
    gate("--p95-ratio", ratio, 1, gates::setMostP95Ratio, gates::setP95Off);
    gate("--drift", drift, 100, gates::setMostDrift, gates::setDriftOff);
    if (labels != null) {
      gates.setLeastLabels(labels);
    }
    if (windows != null) {
      gates.setLeastWindows(windows);
    }
    return gates.build();
  }

  private void gate(
      String option,
      @Nullable String text,
      double scale,
      DoubleConsumer set,
      Consumer<Boolean> turnOff) {
    if (text == null) {
      return;
    }
    if (text.equals(OFF) && !option.equals("--least-success")) {
      turnOff.accept(true);
      return;
    }
    set.accept(read(option, text, RolloutsCreateCommand::number) / scale);
  }

  private static double number(String text) {
    if (!text.matches("\\d{1,6}(\\.\\d{1,9})?")) {
      throw new IllegalArgumentException("'" + text + "' (expected: a number)");
    }
    return Double.parseDouble(text);
  }

  private RolloutPace pace() {
    RolloutPace.Builder pace = RolloutPace.newBuilder().setAttempts(attempts);
    time("--baseline", baseline, pace::setLongestBaselineMs);
    time("--attempt", attempt, pace::setAttemptMs);
    time("--soak", soak, pace::setLeastSoakMs);
    time("--longest-soak", longestSoak, pace::setLongestSoakMs);
    return pace.build();
  }

  private void time(String option, @Nullable String text, Consumer<Long> set) {
    if (text != null) {
      set.accept(read(option, text, t -> Quantity.duration(t).toMillis()));
    }
  }

  private RolloutGroupSize size(String text) {
    boolean percent = text.endsWith("%");
    double amount =
        read(
            "--groups",
            percent ? text.substring(0, text.length() - 1) : text,
            RolloutsCreateCommand::number);
    RolloutGroupSize.Builder size = RolloutGroupSize.newBuilder();
    return percent ? size.setPercent(amount).build() : size.setDevices((int) amount).build();
  }

  private MaintenanceWindow window(String text) {
    Matcher times = WINDOW.matcher(text);
    if (!times.matches()) {
      throw new ParameterException(
          spec.commandLine(), "--window: '" + text + "' (expected: 22:00-04:00 or the like)");
    }
    return MaintenanceWindow.newBuilder()
        .setFromMinute(minute(times.group(1), times.group(2)))
        .setToMinute(minute(times.group(3), times.group(4)))
        .build();
  }

  private static int minute(String hour, String minute) {
    return 60 * Integer.parseInt(hour) + Integer.parseInt(minute);
  }

  private interface Reader<T> {
    T read(String text);
  }

  private <T> T read(String option, String text, Reader<T> reader) {
    try {
      return reader.read(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
    }
  }
}
