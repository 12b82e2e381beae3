package dev.heirloom.inheritance;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Tells a {@link Progress} which stage begins, and keeps how long each took. */
final class StageClock {

  private final Progress progress;
  private final LongSupplier nanoTime;
  private final Map<Stage, Double> seconds = new EnumMap<>(Stage.class);
  private Stage current = Stage.READ;
  private long began;

  StageClock(Progress progress, LongSupplier nanoTime) {
    this.progress = progress;
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
  }

  void enter(Stage stage) throws CancelledException {
    close();
    if (progress.cancelled()) {
      throw new CancelledException();
    }
    current = stage;
    progress.stage(stage);
  }

  private void close() {
    long now = nanoTime.getAsLong();
    seconds.merge(current, (now - began) / 1e9, Double::sum);
    began = now;
  }

  Map<Stage, Double> finish() {
    close();
    return seconds;
  }
}
