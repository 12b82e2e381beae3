package dev.heirloom.control.compare;

import dev.heirloom.control.chart.Canvas;

/** How a method looks in a chart: a colour of Okabe and Ito's palette, and a shape of its own. */
enum Marker {
  SCRATCH("#0072B2"),
  DISTILLED("#56B4E9"),
  SVD("#E69F00"),
  INHERNET("#CC79A7"),
  HEIRLOOM("#D55E00"),
  INT8("#009E73"),
  CONVERGED("#7A7A00"),
  TEACHER("#000000");

  private static final double RADIUS = 6;

  private final String colour;

  Marker(String colour) {
    this.colour = colour;
  }

  static Marker of(ComparedMethod method) {
    return valueOf(method.name());
  }

  String colour() {
    return colour;
  }

  void draw(Canvas canvas, double x, double y) {
    switch (this) {
      case SCRATCH -> canvas.circle(x, y, RADIUS, colour);
      case DISTILLED -> canvas.rectangle(x - 5.3, y - 5.3, 10.6, 10.6, colour);
      case SVD -> regular(canvas, x, y, 3, -90, 7.2);
      case INHERNET -> regular(canvas, x, y, 3, 90, 7.2);
      case HEIRLOOM -> regular(canvas, x, y, 4, 0, 8);
      case INT8 -> regular(canvas, x, y, 6, 0, 6.6);
      case CONVERGED -> regular(canvas, x, y, 5, -90, 7);
      case TEACHER -> star(canvas, x, y);
    }
  }

  /**
   * A regular polygon.
   *
   * @param degrees direction of its first corner, clockwise from the right
   */
  private void regular(
      Canvas canvas, double x, double y, int corners, double degrees, double radius) {
    double[] xs = new double[corners];
    double[] ys = new double[corners];
    for (int i = 0; i < corners; i++) {
      double angle = Math.toRadians(degrees + 360.0 * i / corners);
      xs[i] = x + radius * Math.cos(angle);
      ys[i] = y + radius * Math.sin(angle);
    }
    canvas.polygon(xs, ys, colour);
  }

  private void star(Canvas canvas, double x, double y) {
    double[] xs = new double[10];
    double[] ys = new double[10];
    for (int i = 0; i < xs.length; i++) {
      double radius = i % 2 == 0 ? 8.5 : 3.6;
      double angle = Math.toRadians(-90 + 36.0 * i);
      xs[i] = x + radius * Math.cos(angle);
      ys[i] = y + radius * Math.sin(angle);
    }
    canvas.polygon(xs, ys, colour);
  }
}
