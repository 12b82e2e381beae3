package dev.heirloom.control.cli;

import dev.heirloom.inheritance.Stage;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** One line of a terminal, drawn over and over: stage, bar, step, loss, time left. */
final class TerminalProgress implements CloseableProgress {
  private static final long REDRAW_NS = 100_000_000;
  private static final int BAR_CELLS = 24;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final Streams streams;
  private final LongSupplier clockNs;
  private final BooleanSupplier cancelled;
  private Stage stage = Stage.READ;
  private TimeLeft timeLeft;
  private long drawnNs;
  private boolean drawn;

  TerminalProgress(Streams streams, LongSupplier clockNs, BooleanSupplier cancelled) {
    this.streams = streams;
    this.clockNs = clockNs;
    this.cancelled = cancelled;
    this.timeLeft = new TimeLeft(clockNs.getAsLong());
  }

  @Override
  public synchronized void stage(Stage next) {
    long now = clockNs.getAsLong();
    stage = next;
    timeLeft = new TimeLeft(now);
    draw(now, next.title());
  }

  @Override
  public synchronized void step(long done, long total, OptionalDouble loss) {
    long now = clockNs.getAsLong();
    if (drawn && done < total && now - drawnNs < REDRAW_NS) {
      return;
    }
    int filled = total <= 0 ? 0 : (int) Math.min(BAR_CELLS, BAR_CELLS * done / total);
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%-11s ", stage.title()))
        .append("█".repeat(filled))
        .append("░".repeat(BAR_CELLS - filled))
        .append(' ')
        .append(done)
        .append('/')
        .append(total);
    loss.ifPresent(value -> line.append(String.format(Locale.ROOT, "  loss %.4f", value)));
    String left = timeLeft.after(done, total, now);
    line.append(left.isEmpty() ? "" : "  ").append(left);
    draw(now, line.toString());
  }

  @Override
  public synchronized void note(String line) {
    close();
    streams.messages().println(line);
  }

  @Override
  public boolean cancelled() {
    return cancelled.getAsBoolean();
  }

  @Override
  public synchronized void close() {
    if (drawn) {
      streams.messages().print(ERASE_LINE);
      streams.messages().flush();
      drawn = false;
    }
  }

  private void draw(long now, String line) {
    String fitting = line.substring(0, Math.min(line.length(), streams.columns() - 1));
    streams.messages().print(ERASE_LINE + fitting);
    streams.messages().flush();
    drawn = true;
    drawnNs = now;
  }
}
