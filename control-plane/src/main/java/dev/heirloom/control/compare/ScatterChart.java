package dev.heirloom.control.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Accuracy against what it costs: a point with error bars for each row, those of a method joined,
 * the teacher as a line across and a star.
 *
 * @param cost of a row, in the axis's unit
 * @param teacherCost of the teacher
 */
record ScatterChart(
    String title, ComparisonResult result, Function<Row, Spread> cost, double teacherCost, Axis x) {
  static final int WIDTH = 900;
  static final int HEIGHT = 540;

  private static final double LEFT = 78;
  private static final double RIGHT = WIDTH - 190;
  private static final double TOP = 52;
  private static final double BOTTOM = HEIGHT - 66;
  private static final String INK = "#222222";
  private static final String GRID = "#E3E3E3";
  private static final double SIZE = 13;

  /** Against parameters kept, on a logarithmic axis. */
  static ScatterChart parameters(ComparisonResult result) {
    double all = result.teacher().parameters();
    Function<Row, Spread> kept =
        row -> new Spread(row.parameters().mean() / all, row.parameters().deviation() / all);
    String label = "parameters kept (% of the teacher's, logarithmic)";
    return new ScatterChart(
        "Accuracy against parameters", result, kept, 1, axis(label, result, kept, true, 100, ""));
  }

  /** Against measured latency. */
  static ScatterChart latency(ComparisonResult result) {
    String label = "median latency (× the teacher's; one sample, one thread, same run)";
    return new ScatterChart(
        "Accuracy against measured latency",
        result,
        Row::timeRatio,
        1,
        axis(label, result, Row::timeRatio, false, 1, "×"));
  }

  private static Axis axis(
      String label,
      ComparisonResult result,
      Function<Row, Spread> cost,
      boolean logarithmic,
      double factor,
      String unit) {
    List<Double> values = new ArrayList<>(List.of(1.0));
    result.rows().forEach(row -> addEnds(values, cost.apply(row)));
    return Axis.around(label, values, logarithmic, factor, unit);
  }

  private static void addEnds(List<Double> values, Spread spread) {
    values.add(spread.mean() - spread.deviation());
    values.add(spread.mean() + spread.deviation());
  }

  private Axis accuracies() {
    List<Double> values = new ArrayList<>(List.of(result.teacher().accuracy()));
    result.rows().forEach(row -> addEnds(values, row.accuracy()));
    return Axis.around("validation accuracy (%)", values, false, 100, "");
  }

  void draw(Canvas canvas) {
    Axis y = accuracies();
    canvas.rectangle(0, 0, WIDTH, HEIGHT, "#FFFFFF");
    canvas.text(LEFT, 28, title, Canvas.Anchor.START, 17, INK);
    frame(canvas, y);
    double level = down(y, result.teacher().accuracy());
    canvas.line(new Canvas.Line(LEFT, level, RIGHT, level), Marker.TEACHER.colour(), 1.2, true);
    Marker.TEACHER.draw(canvas, across(teacherCost), level);
    byMethod().forEach((method, rows) -> series(canvas, y, Marker.of(method), rows));
    legend(canvas);
  }

  private double across(double value) {
    return LEFT + x.position(value) * (RIGHT - LEFT);
  }

  private static double down(Axis y, double value) {
    return BOTTOM - y.position(value) * (BOTTOM - TOP);
  }

  private void frame(Canvas canvas, Axis y) {
    for (double tick : x.ticks()) {
      double at = across(tick);
      canvas.line(new Canvas.Line(at, TOP, at, BOTTOM), GRID, 1, false);
      canvas.text(at, BOTTOM + 20, x.text(tick), Canvas.Anchor.MIDDLE, SIZE, INK);
    }
    for (double tick : y.ticks()) {
      double at = down(y, tick);
      canvas.line(new Canvas.Line(LEFT, at, RIGHT, at), GRID, 1, false);
      canvas.text(LEFT - 8, at + 4.5, y.text(tick), Canvas.Anchor.END, SIZE, INK);
    }
    canvas.line(new Canvas.Line(LEFT, BOTTOM, RIGHT, BOTTOM), INK, 1.2, false);
    canvas.line(new Canvas.Line(LEFT, TOP, LEFT, BOTTOM), INK, 1.2, false);
    canvas.text((LEFT + RIGHT) / 2, HEIGHT - 18, x.label(), Canvas.Anchor.MIDDLE, SIZE, INK);
    canvas.upwards(24, (TOP + BOTTOM) / 2, y.label(), SIZE, INK);
  }

  private Map<ComparedMethod, List<Row>> byMethod() {
    Map<ComparedMethod, List<Row>> rows = new LinkedHashMap<>();
    for (Row row : result.rows()) {
      rows.computeIfAbsent(row.method(), method -> new ArrayList<>()).add(row);
    }
    return rows;
  }

  private void series(Canvas canvas, Axis y, Marker marker, List<Row> rows) {
    List<Row> ordered =
        rows.stream()
            .sorted((a, b) -> Double.compare(cost.apply(a).mean(), cost.apply(b).mean()))
            .toList();
    for (int i = 0; i < ordered.size(); i++) {
      Spread at = cost.apply(ordered.get(i));
      Spread accuracy = ordered.get(i).accuracy();
      double px = across(at.mean());
      double py = down(y, accuracy.mean());
      if (i > 0) {
        Row before = ordered.get(i - 1);
        double fromX = across(cost.apply(before).mean());
        double fromY = down(y, before.accuracy().mean());
        canvas.line(new Canvas.Line(fromX, fromY, px, py), marker.colour(), 1.2, false);
      }
      double top = down(y, accuracy.mean() + accuracy.deviation());
      double bottom = down(y, accuracy.mean() - accuracy.deviation());
      bar(canvas, new Canvas.Line(px, top, px, bottom), marker.colour());
      double left = across(at.mean() - at.deviation());
      double right = across(at.mean() + at.deviation());
      bar(canvas, new Canvas.Line(left, py, right, py), marker.colour());
      marker.draw(canvas, px, py);
    }
  }

  /** An error bar with its ends, where there is an error. */
  private static void bar(Canvas canvas, Canvas.Line bar, String colour) {
    double length = Math.abs(bar.x2() - bar.x1()) + Math.abs(bar.y2() - bar.y1());
    if (length < 0.5) {
      return;
    }
    double dx = bar.x1() == bar.x2() ? 4 : 0;
    double dy = 4 - dx;
    canvas.line(bar, colour, 1.4, false);
    canvas.line(
        new Canvas.Line(bar.x1() - dx, bar.y1() - dy, bar.x1() + dx, bar.y1() + dy),
        colour,
        1.4,
        false);
    canvas.line(
        new Canvas.Line(bar.x2() - dx, bar.y2() - dy, bar.x2() + dx, bar.y2() + dy),
        colour,
        1.4,
        false);
  }

  private void legend(Canvas canvas) {
    double left = RIGHT + 26;
    double at = TOP + 12;
    canvas.line(new Canvas.Line(left - 12, at, left + 12, at), INK, 1.2, true);
    Marker.TEACHER.draw(canvas, left, at);
    canvas.text(left + 22, at + 4.5, "teacher", Canvas.Anchor.START, SIZE, INK);
    for (ComparedMethod method : byMethod().keySet()) {
      at += 26;
      Marker marker = Marker.of(method);
      canvas.line(new Canvas.Line(left - 12, at, left + 12, at), marker.colour(), 1.2, false);
      marker.draw(canvas, left, at);
      canvas.text(left + 22, at + 4.5, method.title(), Canvas.Anchor.START, SIZE, INK);
    }
    at += 34;
    canvas.text(left - 12, at, "bars: ± 1 standard", Canvas.Anchor.START, 11, INK);
    canvas.text(left - 12, at + 14, "deviation over seeds", Canvas.Anchor.START, 11, INK);
  }
}
