package dev.heirloom.inheritance;

import java.util.OptionalDouble;

/** Hears how an inheritance goes on, and may end it; called on the thread that inherits. */
public interface Progress {

  /** A stage begins. */
  void stage(Stage stage);

  /**
   * The current stage has got further.
   *
   * @param done steps or samples
   * @param total of them
   * @param loss of the training step, in a fine-tune
   */
  void step(long done, long total, OptionalDouble loss);

  /**
   * The state of the fine-tune is in the checkpoint.
   *
   * @param steps that were done until then
   */
  default void kept(long steps) {}

  /** Something worth a line was found out or chosen. */
  void note(String line);

  /** Whether to end; asked often. */
  boolean cancelled();
}
