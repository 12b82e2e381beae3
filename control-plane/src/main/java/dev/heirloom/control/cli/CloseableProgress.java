package dev.heirloom.control.cli;

import dev.heirloom.inheritance.Progress;
import java.util.function.BooleanSupplier;

/** Progress that leaves a clean line behind when it is closed. */
public interface CloseableProgress extends Progress, AutoCloseable {
  @Override
  void close();

  /** A bar where messages go to a terminal, a line now and then otherwise. */
  static CloseableProgress on(Streams streams, BooleanSupplier cancelled) {
    return streams.interactive()
        ? new TerminalProgress(streams, System::nanoTime, cancelled)
        : new PlainProgress(streams, System::nanoTime, cancelled);
  }
}
