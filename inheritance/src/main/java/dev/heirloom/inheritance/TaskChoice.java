package dev.heirloom.inheritance;

import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.inheritance.training.Lesson;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Purpose;
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

  /** What heirs learn, where the data have told what the answers are. */
  Lesson lesson(Purpose purpose) {
    return new Lesson(purpose, distillation);
  }
}
