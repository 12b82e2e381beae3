package dev.heirloom.control.trainer;

import java.time.Duration;
import java.util.Optional;

/**
 * How a trainer works, whatever the job.
 *
 * @param device auto, cpu or cuda
 * @param threads of the training, from 1
 * @param checkpointEvery how often the fine-tune is kept
 * @param idle ends after so long without work; empty waits for ever
 */
public record TrainerOptions(
    String device, int threads, Duration checkpointEvery, Optional<Duration> idle) {

  /** How often the fine-tune is kept: more often than by hand, as other programs may end it. */
  public static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(2);
}
