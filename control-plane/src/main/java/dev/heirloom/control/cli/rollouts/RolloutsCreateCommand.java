package dev.heirloom.control.cli.rollouts;

import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.ModelsClient;
import dev.heirloom.proto.v1.FamilySummary;
import dev.heirloom.proto.v1.MaintenanceWindow;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutGroupSize;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.runtime.family.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
  private static final Pattern WINDOW =
      Pattern.compile("([01]\\d|2[0-3]):([0-5]\\d)-([01]\\d|2[0-3]):([0-5]\\d)");

  /** How a digest begins, as lists print it. */
  private static final Pattern BEGIN = Pattern.compile("[0-9a-f]{8,64}");

  private static final int DIGITS = 64;

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
      description =
          "The version, by its manifest's digest or how that begins (the one published last).")
  private @Nullable String version;

  @Option(
      names = "--selector",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them (every device).")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(
      names = "--groups",
      paramLabel = "SIZE",
      split = ",",
      description =
          "Devices or percent, the canary first; the rest is a last group (1%%,10%%,50%%).")
  private List<String> sizes = List.of();

  @Mixin private GateOptions gates = new GateOptions();

  @Mixin private PaceOptions pace = new PaceOptions();

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
    Rollout rollout = plane.ask(client -> client.rollouts().create(complete(asked, client)));
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
            .setGates(gates.asked())
            .setPace(pace.asked());
    sizes.forEach(size -> asked.addGroups(size(size)));
    maintenance.forEach(window -> asked.addWindows(window(window)));
    return asked.build();
  }

  /** With the digest of the version that was asked for. */
  private RolloutSpec complete(RolloutSpec asked, ControlPlaneClient client)
      throws ControlPlaneException {
    String begin = version;
    if (begin == null) {
      return asked;
    }
    if (begin.length() == DIGITS) {
      return with(
          asked, OptionText.read(spec, "--version", begin, text -> Digest.parse(text).bytes()));
    }
    if (!BEGIN.matcher(begin).matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "--version: '%s' (expected: 8 to 64 digits, as 'heirloom families list' prints them)"
              .formatted(begin));
    }
    List<ByteString> found =
        new ModelsClient(client)
            .families().stream()
                .filter(published -> published.getName().equals(family))
                .map(FamilySummary::getManifestSha256)
                .filter(sha256 -> Digest.wrap(sha256).hex().startsWith(begin))
                .toList();
    if (found.size() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--version: %d versions of %s begin with %s (expected: one)"
              .formatted(found.size(), family, begin));
    }
    return with(asked, found.get(0));
  }

  private static RolloutSpec with(RolloutSpec asked, ByteString sha256) {
    return asked.toBuilder().setManifestSha256(sha256).build();
  }

  private RolloutGroupSize size(String text) {
    boolean percent = text.endsWith("%");
    double amount =
        OptionText.read(
            spec,
            "--groups",
            percent ? text.substring(0, text.length() - 1) : text,
            OptionText::number);
    if (!percent && amount != Math.rint(amount)) {
      throw new ParameterException(
          spec.commandLine(), "--groups: '" + text + "' (expected: whole devices, or percent)");
    }
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
}
