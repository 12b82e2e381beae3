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
import java.util.function.LongSupplier;

/** How far an attempt is, for those who report it, and whether it shall end. Thread-safe. */
final class WorkProgress implements Progress {
  private static final int MOST_CHARACTERS = 500;

  private final StepRecord record;
  private final BooleanSupplier stopped;
  private final Consumer<String> notes;
  private final LongSupplier nanoTime;
  private final Pace pace = new Pace();
  private String stage = Stage.READ.title();
  private long done;
  private long total;
  private double loss;
  private long keptSteps;
  private boolean stepped;
  private String note = "";
  private long leftMs;
  private Optional<String> over = Optional.empty();

  WorkProgress(
      StepRecord record, BooleanSupplier stopped, Consumer<String> notes, LongSupplier nanoTime) {
    this.record = record;
    this.stopped = stopped;
    this.notes = notes;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void stage(Stage next) {
    begin(next.title());
  }

  /** A stage begins that is not the inheritance's own: bytes that come or go. */
  synchronized void begin(String next) {
    if (!stage.equals(next)) {
      notes.accept(next);
    }
    stage = next;
    done = 0;
    total = 0;
    leftMs = 0;
    pace.restart();
  }

  /** Bytes that have come or gone. */
  synchronized void bytes(long nowDone, long nowTotal) {
    at(nowDone, nowTotal);
  }

  private void at(long nowDone, long nowTotal) {
    done = nowDone;
    total = nowTotal;
    leftMs = pace.leftMs(nowDone, nowTotal, nanoTime.getAsLong());
  }

  @Override
  public synchronized void step(long nowDone, long nowTotal, OptionalDouble nowLoss) {
    at(nowDone, nowTotal);
    if (stage.equals(Stage.FINE_TUNE.title()) && nowLoss.isPresent()) {
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
        .setStage(stage)
        .setDone(done)
        .setTotal(total)
        .setLoss(loss)
        .setKeptSteps(keptSteps)
        .setTrainedSteps(record.steps())
        .setLeftMs(leftMs)
        .setNote(note)
        .build();
  }
}
