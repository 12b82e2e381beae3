package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Purpose;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say what a model is for. */
final class TaskOptions {
  private static final String AUTO = "auto";

  @Option(
      names = "--task",
      paramLabel = "NAME",
      description =
          "auto, classification, next-token, regression, embedding or reconstruction"
              + " (${DEFAULT-VALUE}: what labels and the output's shape tell).")
  private String task = AUTO;

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "The output that labels are about (the first).")
  private String output = "";

  /** Empty: what labels and shape tell. */
  Optional<Task> task(CommandSpec spec) {
    if (task.equals(AUTO)) {
      return Optional.empty();
    }
    Optional<Task> named = Purpose.task(task);
    if (named.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--task: '%s' (expected: auto or one of %s)"
              .formatted(task, String.join(", ", Purpose.titles())));
    }
    return named;
  }

  /** Empty: the first. */
  Optional<String> output() {
    return output.isEmpty() ? Optional.empty() : Optional.of(output);
  }

  /** Whether nothing is asked for. */
  boolean untouched() {
    return task.equals(AUTO) && output.isEmpty();
  }
}
