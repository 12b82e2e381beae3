package dev.heirloom.bench;

import java.util.Locale;

/**
 * What a figure shall come to.
 *
 * @param figure name of the figure
 * @param atMost true for an upper bound, false for a lower one
 * @param bound in the figure's unit
 */
public record Goal(String figure, boolean atMost, double bound) {

  public static Goal atMost(String figure, double bound) {
    return new Goal(figure, true, bound);
  }

  public static Goal atLeast(String figure, double bound) {
    return new Goal(figure, false, bound);
  }

  /** Whether the figure is there and keeps the bound. */
  public boolean met(Figures figures) {
    return figures.value(figure).stream().anyMatch(v -> atMost ? v <= bound : v >= bound);
  }

  /** As in {@code <= 5000}. */
  public String condition() {
    return (atMost ? "<= " : ">= ") + String.format(Locale.ROOT, "%s", Figures.text(bound));
  }
}
