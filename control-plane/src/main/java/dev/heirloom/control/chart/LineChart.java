package dev.heirloom.control.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines over a common x axis.
 *
 * @param title above it
 * @param x across
 * @param yLabel what is shown, with its unit
 * @param yFactor between a value and the number that is written at it
 * @param xs ascending
 * @param series what is drawn, the first on top
 */
public record LineChart(
    String title, Axis x, String yLabel, double yFactor, List<Double> xs, List<Series> series)
    implements Chart {

  /** Colours that stay apart for readers who see few (Okabe and Ito). */
  public static final List<String> COLOURS =
      List.of(
          "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000");

  /**
   * One line.
   *
   * @param name in the legend
   * @param ys one for each x
   * @param colour as in {@code #0072B2}
   * @param dashed or drawn through
   */
  public record Series(String name, List<Double> ys, String colour, boolean dashed) {
    public Series {
      ys = List.copyOf(ys);
    }
  }

  public LineChart {
    xs = List.copyOf(xs);
    series = List.copyOf(series);
  }

  @Override
  public void draw(Canvas canvas) {
    List<Double> values = new ArrayList<>();
    series.forEach(one -> values.addAll(one.ys()));
    Plot plot = new Plot(title, x, Axis.around(yLabel, values, false, yFactor, ""));
    plot.draw(canvas);
    for (int i = series.size() - 1; i >= 0; i--) {
      line(canvas, plot, series.get(i), i == 0 ? 2.4 : 1.4);
    }
    double at = Plot.TOP + 12;
    for (Series one : series) {
      double left = Plot.RIGHT + 14;
      canvas.line(new Canvas.Line(left, at, left + 24, at), one.colour(), 2, one.dashed());
      canvas.text(left + 32, at + 4.5, one.name(), Canvas.Anchor.START, Plot.SIZE, Plot.INK);
      at += 24;
    }
  }

  private void line(Canvas canvas, Plot plot, Series one, double thickness) {
    for (int i = 1; i < xs.size(); i++) {
      canvas.line(
          new Canvas.Line(
              plot.across(xs.get(i - 1)),
              plot.down(one.ys().get(i - 1)),
              plot.across(xs.get(i)),
              plot.down(one.ys().get(i))),
          one.colour(),
          thickness,
          one.dashed());
    }
  }
}
