package dev.heirloom.control.cli;

/**
 * What every command is given.
 *
 * @param streams where results and messages go
 * @param interruption whether to end early
 */
public record Context(Streams streams, Interruption interruption) {

  /** Progress that ends the work when the process is interrupted. */
  public CloseableProgress progress() {
    return CloseableProgress.on(streams, interruption::requested);
  }

  /** Prints a result. */
  public void result(Object text) {
    streams.results().println(text);
  }
}
