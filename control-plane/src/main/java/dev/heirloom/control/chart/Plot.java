package dev.heirloom.control.chart;

/**
 * The frame of a chart: its axes, their grid, and room for a legend at the right.
 *
 * @param title above it
 * @param x across
 * @param y upwards
 */
public record Plot(String title, Axis x, Axis y) {
  /** Left edge of what is drawn in it, in points. */
  public static final double LEFT = 78;

  /** Right edge. */
  public static final double RIGHT = Chart.WIDTH - 190;

  /** Upper edge. */
  public static final double TOP = 52;

  /** Lower edge. */
  public static final double BOTTOM = Chart.HEIGHT - 66;

  /** Colour of text and axes. */
  public static final String INK = "#222222";

  /** Size of text in points. */
  public static final double SIZE = 13;

  private static final String GRID = "#E3E3E3";

  /** Where a value of the x axis lies. */
  public double across(double value) {
    return LEFT + x.position(value) * (RIGHT - LEFT);
  }

  /** Where a value of the y axis lies. */
  public double down(double value) {
    return BOTTOM - y.position(value) * (BOTTOM - TOP);
  }

  /** Draws everything but what is shown in it. */
  public void draw(Canvas canvas) {
    canvas.rectangle(0, 0, Chart.WIDTH, Chart.HEIGHT, "#FFFFFF");
    canvas.text(LEFT, 28, title, Canvas.Anchor.START, 17, INK);
    for (double tick : x.ticks()) {
      double at = across(tick);
      canvas.line(new Canvas.Line(at, TOP, at, BOTTOM), GRID, 1, false);
      canvas.text(at, BOTTOM + 20, x.text(tick), Canvas.Anchor.MIDDLE, SIZE, INK);
    }
    for (double tick : y.ticks()) {
      double at = down(tick);
      canvas.line(new Canvas.Line(LEFT, at, RIGHT, at), GRID, 1, false);
      canvas.text(LEFT - 8, at + 4.5, y.text(tick), Canvas.Anchor.END, SIZE, INK);
    }
    axes(canvas);
  }

  /** Draws the two axes, again where something was drawn over them. */
  public void axes(Canvas canvas) {
    canvas.line(new Canvas.Line(LEFT, BOTTOM, RIGHT, BOTTOM), INK, 1.2, false);
    canvas.line(new Canvas.Line(LEFT, TOP, LEFT, BOTTOM), INK, 1.2, false);
    canvas.text((LEFT + RIGHT) / 2, Chart.HEIGHT - 18, x.label(), Canvas.Anchor.MIDDLE, SIZE, INK);
    canvas.upwards(24, (TOP + BOTTOM) / 2, y.label(), SIZE, INK);
  }
}
