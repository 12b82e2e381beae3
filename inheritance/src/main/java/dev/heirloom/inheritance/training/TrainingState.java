package dev.heirloom.inheritance.training;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a training stands between two steps: weights, what the optimiser keeps, steps done. What is
 * drawn at random follows from the plan's seed and the steps done. Valid only while its listener is
 * being told of it.
 */
public final class TrainingState {
  private final long done;
  private final long total;
  private final Weights weights;
  private final Optimization optimization;

  TrainingState(long done, long total, Weights weights, Optimization optimization) {
    this.done = done;
    this.total = total;
    this.weights = weights;
    this.optimization = optimization;
  }

  /** Steps done. */
  public long done() {
    return done;
  }

  /** Steps of the whole training. */
  public long total() {
    return total;
  }

  /** Writes everything to a file, which {@link NestedTrainer} goes on from. */
  public void write(Path file) throws IOException {
    TrainingArchive.write(file, done, weights, optimization);
  }
}
