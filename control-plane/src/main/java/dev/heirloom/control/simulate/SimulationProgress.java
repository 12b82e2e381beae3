package dev.heirloom.control.simulate;

import dev.heirloom.control.cli.Streams;
import java.util.function.LongSupplier;

/** Says how many runs have ended: over one line of a terminal, else in a line every ten seconds. */
final class SimulationProgress implements AutoCloseable {
  private static final long LINE_NS = 10_000_000_000L;

  private final Streams streams;
  private final boolean quiet;
  private final int total;
  private final LongSupplier clockNs;
  private long printedNs;
  private boolean drawn;

  SimulationProgress(Streams streams, boolean quiet, int total, LongSupplier clockNs) {
    this.streams = streams;
    this.quiet = quiet;
    this.total = total;
    this.clockNs = clockNs;
    this.printedNs = clockNs.getAsLong();
  }

  void finished(int done) {
    if (quiet) {
      return;
    }
    String line = "simulating: " + done + " of " + total + " runs";
    long now = clockNs.getAsLong();
    if (streams.interactive()) {
      streams.messages().print("\r" + line);
      streams.messages().flush();
      drawn = true;
    } else if (now - printedNs >= LINE_NS) {
      printedNs = now;
      streams.messages().println(line);
    }
  }

  /** Leaves a clean line behind. */
  @Override
  public void close() {
    if (drawn) {
      streams.messages().println();
    }
  }
}
