package dev.heirloom.control;

import java.util.List;

/**
 * The trainer that a control plane starts on its own machine when there is a job.
 *
 * @param enabled whether it starts one
 * @param threads of the training, from 1
 * @param niceness 0..19, where there is {@code nice}; 19 gives way to everything
 * @param options more of the trainer's options
 */
public record TrainerSettings(boolean enabled, int threads, int niceness, List<String> options) {
  private static final int USUAL_NICENESS = 19;
  private static final int MOST_NICENESS = 19;

  /** Every core, whenever nothing else wants it. */
  public static final TrainerSettings USUAL =
      new TrainerSettings(
          true, Runtime.getRuntime().availableProcessors(), USUAL_NICENESS, List.of());

  public TrainerSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: 1 or more)");
    }
    if (niceness < 0 || niceness > MOST_NICENESS) {
      throw new IllegalArgumentException(
          "niceness: " + niceness + " (expected: 0.." + MOST_NICENESS + ")");
    }
    options = List.copyOf(options);
  }

  /** None here; others may connect. */
  public TrainerSettings off() {
    return new TrainerSettings(false, threads, niceness, options);
  }
}
