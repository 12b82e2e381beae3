package dev.heirloom.control.chart;

import java.util.List;

/**
 * Shares over a common x axis, stacked: the first at the bottom.
 *
 * @param title above it
 * @param x across
 * @param yLabel what is shown
 * @param xs ascending
 * @param names in the legend
 * @param shares one list for each name, with one share of 0..1 for each x
 */
public record StackChart(
    String title,
    Axis x,
    String yLabel,
    List<Double> xs,
    List<String> names,
    List<List<Double>> shares)
    implements Chart {

  public StackChart {
    xs = List.copyOf(xs);
    names = List.copyOf(names);
    shares = shares.stream().map(List::copyOf).toList();
  }

  @Override
  public void draw(Canvas canvas) {
    Plot plot = new Plot(title, x, new Axis(yLabel, 0, 1, false, 100, ""));
    plot.draw(canvas);
    double[] floor = new double[xs.size()];
    for (int i = 0; i < names.size(); i++) {
      double[] ceiling = floor.clone();
      for (int k = 0; k < ceiling.length; k++) {
        ceiling[k] += shares.get(i).get(k);
      }
      area(canvas, plot, floor, ceiling, shade(i));
      floor = ceiling;
    }
    plot.axes(canvas);
    double at = Plot.TOP + 12;
    for (int i = names.size() - 1; i >= 0; i--) {
      canvas.rectangle(Plot.RIGHT + 14, at - 7, 18, 14, shade(i));
      canvas.text(
          Plot.RIGHT + 40, at + 4.5, names.get(i), Canvas.Anchor.START, Plot.SIZE, Plot.INK);
      at += 22;
    }
  }

  private void area(Canvas canvas, Plot plot, double[] floor, double[] ceiling, String colour) {
    int points = xs.size();
    double[] px = new double[2 * points];
    double[] py = new double[2 * points];
    for (int i = 0; i < points; i++) {
      px[i] = plot.across(xs.get(i));
      py[i] = plot.down(Math.min(1, ceiling[i]));
      px[2 * points - 1 - i] = px[i];
      py[2 * points - 1 - i] = plot.down(Math.min(1, floor[i]));
    }
    canvas.polygon(px, py, colour);
  }

  /** From pale to dark blue. */
  private String shade(int index) {
    double place = names.size() == 1 ? 1 : (double) index / (names.size() - 1);
    return "#%02X%02X%02X"
        .formatted(between(222, 8, place), between(235, 48, place), between(247, 107, place));
  }

  private static int between(int pale, int dark, double place) {
    return (int) Math.round(pale + place * (dark - pale));
  }
}
