package dev.heirloom.control.cli;

import java.util.function.LongSupplier;

/** How far a transfer is: a line of a terminal that is drawn over, nothing elsewhere. */
final class TransferProgress implements AutoCloseable {
  private static final long REDRAW_NS = 100_000_000;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final Streams streams;
  private final LongSupplier clockNs;
  private long drawnNs;
  private boolean drawn;

  TransferProgress(Streams streams, LongSupplier clockNs) {
    this.streams = streams;
    this.clockNs = clockNs;
  }

  void at(long bytes, long total) {
    long now = clockNs.getAsLong();
    if (!streams.interactive() || (drawn && now - drawnNs < REDRAW_NS)) {
      return;
    }
    drawnNs = now;
    drawn = true;
    String line = Figures.bytes(bytes) + " of " + Figures.bytes(total);
    streams
        .messages()
        .print(ERASE_LINE + line.substring(0, Math.min(line.length(), streams.columns() - 1)));
    streams.messages().flush();
  }

  @Override
  public void close() {
    if (drawn) {
      streams.messages().print(ERASE_LINE);
      streams.messages().flush();
      drawn = false;
    }
  }
}
