package dev.heirloom.bench;

import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Stage;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * Says nothing, and ends an inheritance where the run is interrupted.
 *
 * @param interrupted whether to end
 */
record QuietProgress(BooleanSupplier interrupted) implements Progress {
  @Override
  public void stage(Stage stage) {}

  @Override
  public void step(long done, long total, OptionalDouble loss) {}

  @Override
  public void note(String line) {}

  @Override
  public boolean cancelled() {
    return interrupted.getAsBoolean();
  }
}
