package dev.heirloom.control.simulate;

import dev.heirloom.actors.simulation.Timeline;
import dev.heirloom.actors.simulation.Tournament;
import dev.heirloom.control.chart.Axis;
import dev.heirloom.control.chart.Chart;
import dev.heirloom.control.chart.LineChart;
import dev.heirloom.control.chart.Page;
import dev.heirloom.control.chart.StackChart;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** Writes a simulation's report: a page that needs nothing from outside, images, figures. */
final class SimulationReport {
  /** Name of the page. */
  static final String PAGE = "report.html";

  private static final String READING =
      """
      Gap closed is the share of the accuracy between always rung 1 and the oracle. Accuracy is the
      ladder's, weighted by windows in which some rung is within the budget; regret is what the
      oracle has more, in points. Over budget are windows whose measured p95 is over the budget, from
      a device's fourth window on, with 20 requests at least; truly over those whose true p95 is: the
      oracle is never truly over, but measures more than the budget where it is close to it. Changes
      are per 50 windows, an hour after a device joined and after any load step. Recovery is the 95th
      percentile, and the mean, of windows over the budget after a load step that puts the served
      rung over it.
      """;

  private SimulationReport() {}

  /**
   * Writes every file.
   *
   * @param directory that is there
   * @return a line for each file that could not be made
   */
  static List<String> write(SimulationResult result, Path directory) throws IOException {
    Map<String, Chart> charts = charts(result);
    text(directory.resolve("results.json"), SimulationTexts.json(result) + "\n");
    text(directory.resolve("scores.csv"), SimulationTexts.scoresCsv(result));
    text(directory.resolve("timeline.csv"), SimulationTexts.timelineCsv(result));
    text(directory.resolve(PAGE), page(result, charts));
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, Chart> chart : charts.entrySet()) {
      chart.getValue().writeImage(directory.resolve(chart.getKey())).ifPresent(problems::add);
    }
    return problems;
  }

  private static void text(Path file, String text) throws IOException {
    DurableFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Chart> charts(SimulationResult result) {
    Map<String, Chart> charts = new LinkedHashMap<>();
    charts.put("rungs.png", lines(result, "Mean rung over time", "rung", 1, Timeline::meanRung));
    charts.put("shares.png", shares(result, result.results().get(0)));
    charts.put(
        "regret.png",
        lines(
            result,
            "Regret over time",
            "accuracy behind the oracle (points)",
            100,
            Timeline::regret));
    charts.put(
        "violations.png",
        lines(
            result,
            "Windows over budget over time",
            "windows with a measured p95 over the budget (%)",
            100,
            Timeline::overBudget));
    return charts;
  }

  private static Axis hours(SimulationResult result) {
    return new Axis("hours since the start", 0, SimulationTexts.hour(result, 1), false, 1, "");
  }

  private static List<Double> begins(SimulationResult result, Timeline timeline) {
    return IntStream.range(0, timeline.size())
        .mapToObj(span -> SimulationTexts.hour(result, timeline.begins(span)))
        .toList();
  }

  private static Chart lines(
      SimulationResult result,
      String title,
      String label,
      double factor,
      ToDoubleBiFunction<Timeline, Integer> value) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Tournament.Result one : result.results()) {
      Timeline timeline = one.total().timeline();
      List<Double> ys =
          IntStream.range(0, timeline.size())
              .mapToObj(span -> value.applyAsDouble(timeline, span))
              .toList();
      String colour = LineChart.COLOURS.get(series.size() % LineChart.COLOURS.size());
      boolean dashed = series.size() >= LineChart.COLOURS.size();
      series.add(new LineChart.Series(one.strategy().name(), ys, colour, dashed));
    }
    List<Double> xs = begins(result, result.results().get(0).total().timeline());
    return new LineChart(title, hours(result), label, factor, xs, series);
  }

  private static Chart shares(SimulationResult result, Tournament.Result one) {
    Timeline timeline = one.total().timeline();
    List<String> names = new ArrayList<>();
    List<List<Double>> shares = new ArrayList<>();
    for (int rung = 1; rung <= result.scenario().ladder().size(); rung++) {
      int of = rung;
      names.add("rung " + rung);
      shares.add(
          IntStream.range(0, timeline.size()).mapToObj(span -> timeline.share(span, of)).toList());
    }
    return new StackChart(
        "Rungs over time: " + one.strategy().name(),
        hours(result),
        "devices on a rung (%)",
        begins(result, timeline),
        names,
        shares);
  }

  private static String page(SimulationResult result, Map<String, Chart> charts) {
    String own = result.results().get(0).strategy().name();
    Page page =
        new Page("%,d simulated devices".formatted(result.scenario().devices()))
            .table(
                SimulationTexts.HEADINGS,
                SimulationTexts.lines(result),
                line -> line.get(0).equals(own))
            .bullets(List.of(SimulationTexts.apart(result)));
    charts.values().forEach(page::chart);
    return page.heading("Policies")
        .terms(
            result.results().stream()
                .map(one -> Map.entry(one.strategy().name(), one.strategy().description()))
                .toList())
        .heading("How to read it")
        .paragraph(READING)
        .heading("Settings")
        .terms(settings(result))
        .html();
  }

  private static List<Map.Entry<String, String>> settings(SimulationResult result) {
    List<Map.Entry<String, String>> settings = new ArrayList<>();
    settings.add(Map.entry("ladder", result.ladder()));
    settings.add(Map.entry("classes", String.valueOf(result.scenario().classes())));
    settings.add(Map.entry("unseen classes", String.valueOf(result.scenario().unseen())));
    settings.add(Map.entry("seeds", result.seeds().toString()));
    settings.add(Map.entry("window", result.scenario().window().toMillis() / 1000.0 + " s"));
    settings.add(
        Map.entry(
            "p95 budget",
            result.scenario().budgetNs() == 0
                ? "drawn for each device"
                : result.scenario().budgetNs() / 1e6 + " ms"));
    result
        .scenario()
        .conditions()
        .values()
        .forEach((name, value) -> settings.add(Map.entry(name, String.valueOf(value))));
    return settings;
  }
}
