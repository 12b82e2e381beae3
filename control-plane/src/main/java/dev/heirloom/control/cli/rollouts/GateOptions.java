package dev.heirloom.control.cli.rollouts;

import dev.heirloom.proto.v1.RolloutGates;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What each group must keep; {@code off} leaves a gate out. */
final class GateOptions {
  private static final String OFF = "off";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

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

  RolloutGates asked() {
    RolloutGates.Builder asked = RolloutGates.newBuilder();
    gate("--least-success", success, 100, asked::setLeastSuccess, off -> {});
    gate("--accuracy-loss", loss, 100, asked::setMostAccuracyLoss, asked::setAccuracyOff);
    gate("--p95-ratio", ratio, 1, asked::setMostP95Ratio, asked::setP95Off);
    gate("--drift", drift, 100, asked::setMostDrift, asked::setDriftOff);
    if (labels != null) {
      asked.setLeastLabels(labels);
    }
    if (windows != null) {
      asked.setLeastWindows(windows);
    }
    return asked.build();
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
    set.accept(OptionText.read(spec, option, text, OptionText::number) / scale);
  }
}
