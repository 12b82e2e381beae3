package dev.heirloom.control.chart;

import java.util.Locale;

/** Draws as SVG text that needs nothing from outside. */
public final class SvgCanvas implements Canvas {
  private final StringBuilder body = new StringBuilder();
  private final int width;
  private final int height;

  /** An empty drawing; width and height in points. */
  public SvgCanvas(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /**
   * The drawing as an element of a page.
   *
   * @param title for readers that do not see it
   */
  public String element(String title) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">"
            .formatted(width, height)
        + "<title>"
        + escaped(title)
        + "</title>\n"
        + body
        + "</svg>\n";
  }

  /** Text as it may stand in markup. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void add(String format, Object... values) {
    body.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  @Override
  public void rectangle(double x, double y, double width, double height, String colour) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x, y, width, height, colour);
  }

  @Override
  public void line(Line line, String colour, double thickness, boolean dashed) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
            + " stroke-width=\"%.1f\"%s/>",
        line.x1(),
        line.y1(),
        line.x2(),
        line.y2(),
        colour,
        thickness,
        dashed ? " stroke-dasharray=\"6 5\"" : "");
  }

  @Override
  public void polygon(double[] xs, double[] ys, String colour) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", xs[i], ys[i]));
    }
    add("<polygon points=\"%s\" fill=\"%s\"/>", points.toString().strip(), colour);
  }

  @Override
  public void circle(double x, double y, double radius, String colour) {
    add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>", x, y, radius, colour);
  }

  @Override
  public void text(double x, double y, String text, Anchor anchor, double size, String colour) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%.1f\" fill=\"%s\""
            + " font-family=\"sans-serif\">%s</text>",
        x, y, anchor.name().toLowerCase(Locale.ROOT), size, colour, escaped(text));
  }

  @Override
  public void upwards(double x, double y, String text, double size, String colour) {
    add(
        "<text transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"middle\""
            + " font-size=\"%.1f\" fill=\"%s\" font-family=\"sans-serif\">%s</text>",
        x, y, size, colour, escaped(text));
  }
}
