package dev.heirloom.inheritance;

import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.proto.v1.Task;
import java.util.Optional;

/**
 * What a teacher is taken to be for.
 *
 * @param task empty: what labels and the output's shape tell
 * @param output name of the output that holds the answers; empty: the first
 * @param distillation what of the teacher the heirs learn from
 */
public record TaskChoice(Optional<Task> task, Optional<String> output, Distillation distillation) {

  /** As the teacher and its data tell. */
  public static final TaskChoice AUTO =
      new TaskChoice(Optional.empty(), Optional.empty(), Distillation.LOGITS);
}
