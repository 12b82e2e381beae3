package dev.heirloom.control.cli;

import java.util.List;

/** A command's own refusal, already in words for the one who asked. */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  public CommandException(String line, String... hints) {
    this(ExitCodes.REFUSED, line, hints);
  }

  /**
   * @param exitCode one of {@link ExitCodes}
   */
  public CommandException(int exitCode, String line, String... hints) {
    super(line);
    this.failure = new Failure(exitCode, line, List.of(hints));
  }

  public Failure failure() {
    return failure;
  }
}
