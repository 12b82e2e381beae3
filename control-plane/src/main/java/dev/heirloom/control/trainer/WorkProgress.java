package dev.heirloom.control.trainer;

import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.proto.v1.JobProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** How far an attempt is, for those who report it, and whether it shall end. Thread-safe. */
final class WorkProgress implements Progress {
  private static final int MOST_CHARACTERS = 500;

  private final StepRecord record;
  private final BooleanSupplier stopped;
  private final Consumer<String> notes;
  private Stage stage = Stage.READ;
  private long done;
  private long total;
  private double loss;
  private long keptSteps;
  private boolean stepped;
  private String note = "";
  private Optional<String> over = Optional.empty();

  WorkProgress(StepRecord record, BooleanSupplier stopped, Consumer<String> notes) {
    this.record = record;
    this.stopped = stopped;
    this.notes = notes;
  }

  @Override
  public synchronized void stage(Stage next) {
    stage = next;
    done = 0;
    total = 0;
    notes.accept(next.title());
  }

  @Override
  public synchronized void step(long nowDone, long nowTotal, OptionalDouble nowLoss) {
    done = nowDone;
    total = nowTotal;
    if (stage == Stage.FINE_TUNE && nowLoss.isPresent()) {
      loss = nowLoss.getAsDouble();
      if (!stepped) {
        // Where the fine-tune goes on from what is kept, its first step is the next one.
        keptSteps = Math.max(keptSteps, nowDone - 1);
        stepped = true;
      }
      try {
        record.step();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public synchronized void kept(long steps) {
    keptSteps = steps;
  }

  @Override
  public synchronized void note(String line) {
    note = line.substring(0, Math.min(MOST_CHARACTERS, line.length()));
    notes.accept(line);
  }

  @Override
  public synchronized boolean cancelled() {
    return over.isPresent() || stopped.getAsBoolean();
  }

  /** The attempt shall end: it is no longer the one that may go on. */
  synchronized void over(String reason) {
    over = Optional.of(reason);
  }

  /** Why it shall end, where that is not because the trainer stops. */
  synchronized Optional<String> over() {
    return over;
  }

  synchronized JobProgress message() {
    return JobProgress.newBuilder()
        .setStage(stage.title())
        .setDone(done)
        .setTotal(total)
        .setLoss(loss)
        .setKeptSteps(keptSteps)
        .setTrainedSteps(record.steps())
        .setNote(note)
        .build();
  }
}
