package dev.heirloom.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a benchmark measured.
 *
 * @param values by name, the unit at the name's end; in the order in which they were put
 */
public record Figures(Map<String, Double> values) {
  private static final double WHOLE_FROM = 1000;
  private static final double SMALL = 0.1;
  private static final int SIGNIFICANT = 3;

  public Figures {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  public static Figures none() {
    return new Figures(Map.of());
  }

  /** These and one more, rounded to three decimals, or below 0.1 to three significant digits. */
  public Figures with(String name, double value) {
    Map<String, Double> more = new LinkedHashMap<>(values);
    boolean small = Math.abs(value) < SMALL && value != 0;
    more.put(
        name,
        small
            ? new BigDecimal(value, new MathContext(SIGNIFICANT)).doubleValue()
            : Math.round(value * 1000) / 1000.0);
    return new Figures(more);
  }

  /**
   * These and one more: a percentile of some values, by nearest rank.
   *
   * @param share 0..1
   * @param samples at least one
   */
  public Figures withPercentile(String name, double share, List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    int rank = (int) Math.ceil(share * sorted.size());
    return with(name, sorted.get(Math.max(1, rank) - 1));
  }

  public OptionalDouble value(String name) {
    Double value = values.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** These and others. */
  public Figures with(Figures others) {
    Map<String, Double> all = new LinkedHashMap<>(values);
    all.putAll(others.values);
    return new Figures(all);
  }

  /** For people: without decimals where they do not matter. */
  static String text(double value) {
    boolean whole = value == Math.rint(value) || Math.abs(value) >= WHOLE_FROM;
    if (!whole && Math.abs(value) < SMALL) {
      return String.format(Locale.ROOT, "%." + SIGNIFICANT + "g", value);
    }
    return String.format(Locale.ROOT, whole ? "%.0f" : "%.3f", value);
  }
}
