package dev.heirloom.control.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where values lie along one side of a chart.
 *
 * @param label with the unit
 * @param least value at the axis's beginning
 * @param most value at its end
 * @param logarithmic or linear
 * @param factor between a value and the number that is written at it
 * @param unit written after each number
 */
public record Axis(
    String label, double least, double most, boolean logarithmic, double factor, String unit) {
  private static final double[] MANTISSAS = {1, 1.5, 2, 3, 4, 5, 7};
  private static final double[] STEPS = {1, 2, 2.5, 5, 10};
  private static final int MOST_STEPS = 7;

  /** An axis that holds all values, with some room beyond them. */
  public static Axis around(
      String label, List<Double> values, boolean logarithmic, double factor, String unit) {
    double low = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double high = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    if (logarithmic) {
      return new Axis(label, low / 1.15, high * 1.15, true, factor, unit);
    }
    double room = Math.max(0.08 * (high - low), 1e-3);
    return new Axis(label, low - room, high + room, false, factor, unit);
  }

  /** 0 at the beginning, 1 at the end. */
  public double position(double value) {
    return logarithmic
        ? Math.log(value / least) / Math.log(most / least)
        : (value - least) / (most - least);
  }

  /** Values to mark, ascending. */
  public List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (int power = (int) Math.floor(Math.log10(least)); Math.pow(10, power) < most; power++) {
        for (double mantissa : MANTISSAS) {
          double value = mantissa * Math.pow(10, power);
          if (value >= least && value <= most) {
            ticks.add(value);
          }
        }
      }
      return ticks;
    }
    double step = step();
    for (double i = Math.ceil(least * factor / step); i * step <= most * factor; i++) {
      ticks.add(i * step / factor);
    }
    return ticks;
  }

  private double step() {
    double rough = (most - least) * factor / MOST_STEPS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double step : STEPS) {
      if (step * power >= rough) {
        return step * power;
      }
    }
    return 10 * power;
  }

  /** What is written at a tick. */
  public String text(double value) {
    double shown = value * factor + 0.0; // No negative zero.
    String format = "%.0f";
    if (Math.abs(shown - Math.rint(shown)) > 1e-6) {
      format = Math.abs(shown * 10 - Math.rint(shown * 10)) > 1e-6 ? "%.2f" : "%.1f";
    }
    return String.format(Locale.ROOT, format, shown) + unit;
  }
}
