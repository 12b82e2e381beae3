package dev.heirloom.control.chart;

/**
 * Something to draw a chart on: x to the right, y down, in points; colours as in {@code #0072B2}.
 */
public interface Canvas {
  /** Where a text stands from its position. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  void rectangle(double x, double y, double width, double height, String colour);

  void line(Line line, String colour, double thickness, boolean dashed);

  /** A filled polygon; corners in turn. */
  void polygon(double[] xs, double[] ys, String colour);

  void circle(double x, double y, double radius, String colour);

  /**
   * A line of text.
   *
   * @param y of its baseline
   */
  void text(double x, double y, String text, Anchor anchor, double size, String colour);

  /** The same, read upwards. */
  void upwards(double x, double y, String text, double size, String colour);

  /** From one point to another. */
  record Line(double x1, double y1, double x2, double y2) {}
}
