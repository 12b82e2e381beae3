package dev.heirloom.control.cli;

import java.util.Locale;

/** How figures are written for people and in JSON. */
public final class Figures {
  private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB"};

  private Figures() {}

  /** A share of 0..1 as in {@code 92.31 %}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** A whole number with its thousands apart. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Millions, as in {@code 85.3 M}. */
  public static String millions(long value) {
    return String.format(Locale.ROOT, "%.1f M", value / 1e6);
  }

  /** Bytes in decimal units, three figures or so. */
  public static String bytes(long value) {
    double scaled = value;
    int unit = 0;
    while (scaled >= 1000 && unit < BYTE_UNITS.length - 1) {
      scaled /= 1000;
      unit++;
    }
    String pattern = unit == 0 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, pattern, scaled, BYTE_UNITS[unit]);
  }

  /** Nanoseconds as in {@code 1.742 ms}. */
  public static String milliseconds(long ns) {
    return String.format(Locale.ROOT, "%.3f ms", ns / 1e6);
  }

  /** A ratio as in {@code 0.66×}. */
  public static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f×", value);
  }

  /** Seconds as in {@code 4:07}. */
  public static String clock(long seconds) {
    return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }

  /** Nanoseconds in milliseconds, to a tenth of a microsecond, for JSON. */
  public static double ms(long ns) {
    return Math.round(ns / 100.0) / 1e4;
  }

  /** A share or a loss to six places, for JSON. */
  public static double rounded(double value) {
    return Math.round(value * 1e6) / 1e6;
  }
}
