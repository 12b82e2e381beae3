package dev.heirloom.runtime.sample;

import dev.heirloom.runtime.MalformedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is subtracted from an input's scaled values and what they are divided by.
 *
 * @param mean per channel, or one for all
 * @param deviation as many, each above 0
 */
public record Normalization(List<Float> mean, List<Float> deviation) {

  /** The key of a normalisation that is for every floating-point input. */
  public static final String ANY_INPUT = "";

  /** Copies and checks. */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.isEmpty() || mean.size() != deviation.size()) {
      throw new IllegalArgumentException(
          "mean and deviation: %d and %d values (expected: as many, 1 or more)"
              .formatted(mean.size(), deviation.size()));
    }
    for (float value : mean) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("mean: " + value + " (expected: a number)");
      }
    }
    for (float value : deviation) {
      if (!Float.isFinite(value) || value <= 0) {
        throw new IllegalArgumentException("deviation: " + value + " (expected: above 0)");
      }
    }
  }

  /**
   * Reads options of the form {@code [input=]mean/std}, with commas between channels.
   *
   * @return by input; {@link #ANY_INPUT} where an option names none
   * @throws MalformedException if an option is not of that form or an input is named twice
   */
  public static Map<String, Normalization> parse(List<String> options) throws MalformedException {
    Map<String, Normalization> byInput = new LinkedHashMap<>();
    for (String option : options) {
      int equals = option.lastIndexOf('=');
      String input = equals < 0 ? ANY_INPUT : option.substring(0, equals);
      String[] halves = option.substring(equals + 1).split("/", -1);
      if (halves.length != 2 || equals == 0) {
        throw wrong(option, "expected: [input=]mean/std, commas between channels");
      }
      try {
        Normalization parsed = new Normalization(numbers(halves[0]), numbers(halves[1]));
        if (byInput.put(input, parsed) != null) {
          throw wrong(option, "the input is given twice");
        }
      } catch (NumberFormatException e) {
        throw wrong(option, "expected: [input=]mean/std, commas between channels");
      } catch (IllegalArgumentException e) {
        throw wrong(option, String.valueOf(e.getMessage()));
      }
    }
    return byInput;
  }

  private static List<Float> numbers(String text) {
    List<Float> numbers = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      numbers.add(Float.parseFloat(part.strip()));
    }
    return numbers;
  }

  private static MalformedException wrong(String option, String why) {
    return new MalformedException("normalization '" + option + "': " + why);
  }
}
