package dev.heirloom.control.compare;

import dev.heirloom.control.chart.Axis;
import dev.heirloom.control.chart.Canvas;
import dev.heirloom.control.chart.Chart;
import dev.heirloom.control.chart.Plot;
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
    String title, ComparisonResult result, Function<Row, Spread> cost, double teacherCost, Axis x)
    implements Chart {
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

  @Override
  public void draw(Canvas canvas) {
    Plot plot = new Plot(title, x, accuracies());
    plot.draw(canvas);
    double level = plot.down(result.teacher().accuracy());
    canvas.line(
        new Canvas.Line(Plot.LEFT, level, Plot.RIGHT, level), Marker.TEACHER.colour(), 1.2, true);
    Marker.TEACHER.draw(canvas, plot.across(teacherCost), level);
    byMethod().forEach((method, rows) -> series(canvas, plot, Marker.of(method), rows));
    legend(canvas);
  }

  private Map<ComparedMethod, List<Row>> byMethod() {
    Map<ComparedMethod, List<Row>> rows = new LinkedHashMap<>();
    for (Row row : result.rows()) {
      rows.computeIfAbsent(row.method(), method -> new ArrayList<>()).add(row);
    }
    return rows;
  }

  private void series(Canvas canvas, Plot plot, Marker marker, List<Row> rows) {
    List<Row> ordered =
        rows.stream()
            .sorted((a, b) -> Double.compare(cost.apply(a).mean(), cost.apply(b).mean()))
            .toList();
    for (int i = 0; i < ordered.size(); i++) {
      Spread at = cost.apply(ordered.get(i));
      Spread accuracy = ordered.get(i).accuracy();
      double px = plot.across(at.mean());
      double py = plot.down(accuracy.mean());
      if (i > 0) {
        Row before = ordered.get(i - 1);
        double fromX = plot.across(cost.apply(before).mean());
        double fromY = plot.down(before.accuracy().mean());
        canvas.line(new Canvas.Line(fromX, fromY, px, py), marker.colour(), 1.2, false);
      }
      double top = plot.down(accuracy.mean() + accuracy.deviation());
      double bottom = plot.down(accuracy.mean() - accuracy.deviation());
      bar(canvas, new Canvas.Line(px, top, px, bottom), marker.colour());
      double left = plot.across(at.mean() - at.deviation());
      double right = plot.across(at.mean() + at.deviation());
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
    double left = Plot.RIGHT + 26;
    double at = Plot.TOP + 12;
    canvas.line(new Canvas.Line(left - 12, at, left + 12, at), Plot.INK, 1.2, true);
    Marker.TEACHER.draw(canvas, left, at);
    canvas.text(left + 22, at + 4.5, "teacher", Canvas.Anchor.START, Plot.SIZE, Plot.INK);
    for (ComparedMethod method : byMethod().keySet()) {
      at += 26;
      Marker marker = Marker.of(method);
      canvas.line(new Canvas.Line(left - 12, at, left + 12, at), marker.colour(), 1.2, false);
      marker.draw(canvas, left, at);
      canvas.text(left + 22, at + 4.5, method.title(), Canvas.Anchor.START, Plot.SIZE, Plot.INK);
    }
    at += 34;
    canvas.text(left - 12, at, "bars: ± 1 standard", Canvas.Anchor.START, 11, Plot.INK);
    canvas.text(left - 12, at + 14, "deviation over seeds", Canvas.Anchor.START, 11, Plot.INK);
  }
}
