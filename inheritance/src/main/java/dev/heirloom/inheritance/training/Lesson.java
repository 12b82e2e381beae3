package dev.heirloom.inheritance.training;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Purpose;

/**
 * What a network is to learn.
 *
 * @param purpose what its answers are, and which output holds them
 * @param distillation what of the teacher it learns from
 */
public record Lesson(Purpose purpose, Distillation distillation) {

  /** Classes by the first output, one label for each row of scores, from the teacher's outputs. */
  public static Lesson classes() {
    return new Lesson(Purpose.of(Task.TASK_CLASSIFICATION), Distillation.LOGITS);
  }
}
