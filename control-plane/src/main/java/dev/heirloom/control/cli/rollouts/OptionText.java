package dev.heirloom.control.cli.rollouts;

import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What options say, read so that a mistake names its option. */
final class OptionText {
  private OptionText() {}

  static <T> T read(CommandSpec spec, String option, String text, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
    }
  }

  static double number(String text) {
    if (!text.matches("\\d{1,6}(\\.\\d{1,9})?")) {
      throw new IllegalArgumentException("'" + text + "' (expected: a number)");
    }
    return Double.parseDouble(text);
  }
}
