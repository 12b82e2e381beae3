package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.Limits;
import dev.heirloom.runtime.text.Quantity;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The limits of a budget, each by itself: a number, {@code none}, or not given. */
public final class LimitOptions {
  private static final String NONE = "none";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--p95-budget",
      paramLabel = "TIME",
      description = "95th percentile of the request latency, e.g. 5ms.")
  private @Nullable String p95;

  @Option(names = "--memory-budget", paramLabel = "SIZE", description = "Memory, e.g. 64MB.")
  private @Nullable String memory;

  @Option(names = "--size-budget", paramLabel = "SIZE", description = "Bytes of blobs, e.g. 20MB.")
  private @Nullable String size;

  @Option(names = "--least-accuracy", paramLabel = "A", description = "0 to 1, e.g. 0.9.")
  private @Nullable String accuracy;

  /** The limits that were given, at least one. */
  public Limits required() {
    Limits limits = given();
    if (limits.equals(Limits.getDefaultInstance())) {
      throw new ParameterException(
          spec.commandLine(), "no limit was given (expected: --p95-budget or another)");
    }
    return limits;
  }

  /** The limits that were given; maybe none. */
  public Limits given() {
    Limits.Builder limits = Limits.newBuilder();
    if (p95 != null) {
      limits.setP95LatencyNs(
          limit("--p95-budget", p95, 0L, text -> Quantity.duration(text).toNanos()));
    }
    if (memory != null) {
      limits.setMemoryBytes(limit("--memory-budget", memory, 0L, Quantity::bytes));
    }
    if (size != null) {
      limits.setSizeBytes(limit("--size-budget", size, 0L, Quantity::bytes));
    }
    if (accuracy != null) {
      limits.setLeastAccuracy(limit("--least-accuracy", accuracy, 0.0, LimitOptions::share));
    }
    return limits.build();
  }

  private <T> T limit(String option, String text, T none, Function<String, T> reader) {
    try {
      return text.equals(NONE) ? none : reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
    }
  }

  private static double share(String text) {
    // A pattern, not a parser: that would take "1e-1d" and "NaN".
    if (!text.matches("0(\\.\\d{1,9})?|1(\\.0{1,9})?")) {
      throw new IllegalArgumentException("'" + text + "' (expected: 0..1)");
    }
    return Double.parseDouble(text);
  }
}
