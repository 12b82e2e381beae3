package dev.heirloom.control.cli.rollouts;

import dev.heirloom.proto.v1.RolloutPace;
import dev.heirloom.runtime.text.Quantity;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How long everything may take. */
final class PaceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

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

  RolloutPace asked() {
    RolloutPace.Builder asked = RolloutPace.newBuilder().setAttempts(attempts);
    time("--baseline", baseline, asked::setLongestBaselineMs);
    time("--attempt", attempt, asked::setAttemptMs);
    time("--soak", soak, asked::setLeastSoakMs);
    time("--longest-soak", longestSoak, asked::setLongestSoakMs);
    return asked.build();
  }

  private void time(String option, @Nullable String text, Consumer<Long> set) {
    if (text != null) {
      set.accept(OptionText.read(spec, option, text, t -> Quantity.duration(t).toMillis()));
    }
  }
}
