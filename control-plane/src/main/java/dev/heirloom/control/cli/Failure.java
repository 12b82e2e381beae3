package dev.heirloom.control.cli;

import java.util.List;

/**
 * Why a command did not do what it was asked for, in words for the one who asked.
 *
 * @param exitCode one of {@link ExitCodes}
 * @param line what is wrong, one line
 * @param hints what to do about it, at most three lines
 */
public record Failure(int exitCode, String line, List<String> hints) {
  /** Longest line that is shown. */
  private static final int MOST_CHARACTERS = 400;

  private static final int MOST_HINTS = 3;

  public Failure {
    line = oneLine(line);
    hints = hints.stream().limit(MOST_HINTS).map(Failure::oneLine).toList();
  }

  /** A refusal. */
  public static Failure of(String line, String... hints) {
    return new Failure(ExitCodes.REFUSED, line, List.of(hints));
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS) + "…";
  }
}
