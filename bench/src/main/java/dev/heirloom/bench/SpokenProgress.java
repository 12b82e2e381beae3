package dev.heirloom.bench;

import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Stage;
import java.util.OptionalDouble;

/**
 * Says the notes of long work, not its steps, and ends it where the run is interrupted.
 *
 * @param run hears the lines
 */
record SpokenProgress(Run run) implements Progress {
  @Override
  public void stage(Stage stage) {}

  @Override
  public void step(long done, long total, OptionalDouble loss) {}

  @Override
  public void note(String line) {
    run.say().accept(line);
  }

  @Override
  public boolean cancelled() {
    return run.interrupted().getAsBoolean();
  }
}
