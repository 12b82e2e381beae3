package dev.heirloom.inheritance;

import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingState;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;

/** Tells a {@link Progress} of the fine-tune, and keeps its state now and then and at its end. */
final class KeepingListener implements NestedTrainer.Listener {

  private final Progress progress;
  private final Optional<Checkpoint> checkpoint;
  private boolean failed;

  KeepingListener(Progress progress, Optional<Checkpoint> checkpoint) {
    this.progress = progress;
    this.checkpoint = checkpoint;
  }

  @Override
  public void step(long done, long total, double loss) {
    progress.step(done, total, OptionalDouble.of(loss));
  }

  @Override
  public boolean cancelled() {
    return progress.cancelled();
  }

  @Override
  public void standing(TrainingState state, boolean last) {
    if (checkpoint.isEmpty() || !(last || checkpoint.get().due())) {
      return;
    }
    try {
      checkpoint.get().keepTraining(state);
      progress.kept(state.done());
    } catch (IOException e) {
      // Hours of work are not given up for a full disk; the last complete checkpoint is there.
      if (!failed) {
        progress.note("step " + state.done() + " could not be kept: " + e.getMessage());
      }
      failed = true;
    }
  }

  @Override
  public void note(String line) {
    progress.note(line);
  }
}
