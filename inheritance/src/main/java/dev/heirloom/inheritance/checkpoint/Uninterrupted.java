package dev.heirloom.inheritance.checkpoint;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Writes that an interrupt does not break off: it is what a process that shall end sends its
 * worker, and the worker then writes what it has.
 */
final class Uninterrupted {

  private Uninterrupted() {}

  /** What is done with a file. */
  interface Action {
    void run() throws IOException;
  }

  /** Runs an action that may be run twice; the interrupt is there again afterwards. */
  static void run(Action action) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      action.run();
    } catch (ClosedByInterruptException e) {
      interrupted |= Thread.interrupted();
      action.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
