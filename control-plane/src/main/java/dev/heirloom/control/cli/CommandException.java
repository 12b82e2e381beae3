package dev.heirloom.control.cli;

/** A command's own refusal, already in words for the one who asked. */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  public CommandException(String line, String... hints) {
    super(line);
    this.failure = Failure.of(line, hints);
  }

  public Failure failure() {
    return failure;
  }
}
