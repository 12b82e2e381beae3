package dev.heirloom.control.cli;

import dev.heirloom.inheritance.Stage;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Plain lines for logs: one when a stage begins, then one every ten seconds. The first stage's line
 * waits until there is another: input that is refused at once gets the refusal's line only.
 */
final class PlainProgress implements CloseableProgress {
  private static final long LINE_NS = 10_000_000_000L;

  private final Streams streams;
  private final LongSupplier clockNs;
  private final BooleanSupplier cancelled;
  private Stage stage = Stage.READ;
  private boolean announced = true;
  private boolean begun;
  private boolean held;
  private TimeLeft timeLeft;
  private long printedNs;

  PlainProgress(Streams streams, LongSupplier clockNs, BooleanSupplier cancelled) {
    this.streams = streams;
    this.clockNs = clockNs;
    this.cancelled = cancelled;
    this.printedNs = clockNs.getAsLong();
    this.timeLeft = new TimeLeft(printedNs);
  }

  @Override
  public synchronized void stage(Stage next) {
    printHeld();
    stage = next;
    printedNs = clockNs.getAsLong();
    timeLeft = new TimeLeft(printedNs);
    held = true;
    if (begun) {
      printHeld();
    }
    begun = true;
  }

  @Override
  public synchronized void step(long done, long total, OptionalDouble loss) {
    announce();
    long now = clockNs.getAsLong();
    if (now - printedNs < LINE_NS) {
      return;
    }
    printedNs = now;
    printHeld();
    StringBuilder line =
        new StringBuilder(stage.title()).append(": ").append(done).append(" of ").append(total);
    loss.ifPresent(value -> line.append(String.format(Locale.ROOT, ", loss %.4f", value)));
    String left = timeLeft.after(done, total, now);
    line.append(left.isEmpty() ? "" : ", ").append(left);
    streams.messages().println(line);
  }

  @Override
  public synchronized void note(String line) {
    printHeld();
    streams.messages().println(line);
  }

  @Override
  public boolean cancelled() {
    return cancelled.getAsBoolean();
  }

  @Override
  public void close() {}

  /** Input that is refused at once shall leave one line only: why. */
  private void announce() {
    if (!announced) {
      announced = true;
      streams.messages().println(stage.title());
    }
  }

  private void printHeld() {
    if (held) {
      held = false;
      streams.messages().println(stage.title());
    }
  }
}
