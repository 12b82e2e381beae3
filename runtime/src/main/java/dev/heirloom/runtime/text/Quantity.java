package dev.heirloom.runtime.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with a unit, as they are written on a command line. */
public final class Quantity {
  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)\\s*([A-Za-zµ]*)");
  private static final Map<String, Long> NANOSECONDS =
      Map.of(
          "ns",
          1L,
          "us",
          1_000L,
          "µs",
          1_000L,
          "ms",
          1_000_000L,
          "s",
          1_000_000_000L,
          "m",
          60_000_000_000L,
          "h",
          3_600_000_000_000L,
          "d",
          86_400_000_000_000L);
  private static final Map<String, Long> BYTES =
      Map.of(
          "",
          1L,
          "b",
          1L,
          "kb",
          1_000L,
          "mb",
          1_000_000L,
          "gb",
          1_000_000_000L,
          "kib",
          1L << 10,
          "mib",
          1L << 20,
          "gib",
          1L << 30);

  private Quantity() {}

  /**
   * A span of time above zero, e.g. {@code 5ms}, {@code 0.8ms}, {@code 10s}.
   *
   * @throws IllegalArgumentException if the text is not one; the message is for the person who
   *     wrote it
   */
  public static Duration duration(String text) {
    return Duration.ofNanos(parse(text, NANOSECONDS, "a time such as 5ms, 0.8ms, 800us or 10s"));
  }

  /**
   * A number of bytes above zero, e.g. {@code 64MB}, {@code 512KiB}, {@code 100000}.
   *
   * @throws IllegalArgumentException if the text is not one; the message is for the person who
   *     wrote it
   */
  public static long bytes(String text) {
    return parse(text, BYTES, "a size such as 64MB, 512KiB or 100000");
  }

  private static long parse(String text, Map<String, Long> units, String expected) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    Long unit = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("'" + text + "' (expected: " + expected + ")");
    }
    BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    if (value.compareTo(BigDecimal.ONE) < 0
        || value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "'" + text + "' (expected: more than zero, and not absurdly much)");
    }
    return value.longValue();
  }
}
