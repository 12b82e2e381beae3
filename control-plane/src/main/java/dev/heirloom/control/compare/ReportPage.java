package dev.heirloom.control.compare;

import static dev.heirloom.control.compare.SvgCanvas.escaped;

import java.util.List;
import java.util.Map;

/** A comparison as one HTML page, with its charts in it. */
final class ReportPage {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff;
             max-width: 1080px; margin: 2em auto; padding: 0 1em; }
      h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9em; }
      .wide { overflow-x: auto; }
      th, td { padding: 0.3em 0.7em; text-align: right; white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; }
      thead th { border-bottom: 2px solid #222; }
      tbody tr { border-bottom: 1px solid #ddd; }
      tbody tr:first-child, tr.own { font-weight: 600; }
      svg { width: 100%; height: auto; margin: 1em 0; border: 1px solid #ddd; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2em 1em; }
      dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
      """;

  private ReportPage() {}

  static String of(ComparisonResult result, List<ScatterChart> charts) {
    StringBuilder page = new StringBuilder();
    String title = "Heirs of " + result.teacher().name() + " in comparison";
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .append(escaped(title))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(escaped(title))
        .append("</h1>\n");
    table(page, result);
    if (!result.notes().isEmpty()) {
      page.append("<ul>\n");
      result.notes().forEach(note -> page.append("<li>").append(escaped(note)).append("</li>\n"));
      page.append("</ul>\n");
    }
    for (ScatterChart chart : charts) {
      SvgCanvas canvas = new SvgCanvas(ScatterChart.WIDTH, ScatterChart.HEIGHT);
      chart.draw(canvas);
      page.append(canvas.element(chart.title()));
    }
    methods(page, result);
    reading(page);
    settings(page, result);
    return page.append("</body>\n</html>\n").toString();
  }

  private static void table(StringBuilder page, ComparisonResult result) {
    page.append("<div class=\"wide\"><table>\n<thead><tr>");
    ComparisonTexts.HEADINGS.forEach(
        heading -> page.append("<th scope=\"col\">").append(escaped(heading)).append("</th>"));
    page.append("</tr></thead>\n<tbody>\n");
    for (List<String> line : ComparisonTexts.lines(result)) {
      boolean own = line.get(0).equals(ComparedMethod.HEIRLOOM.title());
      page.append(own ? "<tr class=\"own\">" : "<tr>");
      line.forEach(cell -> page.append("<td>").append(escaped(cell)).append("</td>"));
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table></div>\n");
  }

  private static void methods(StringBuilder page, ComparisonResult result) {
    page.append("<h2>Methods</h2>\n<dl>\n");
    result.rows().stream()
        .map(Row::method)
        .distinct()
        .forEach(
            method ->
                page.append("<dt>")
                    .append(method.letter())
                    .append(", ")
                    .append(method.title())
                    .append("</dt><dd>")
                    .append(escaped(method.description()))
                    .append("</dd>\n"));
    page.append("</dl>\n");
  }

  private static void reading(StringBuilder page) {
    page.append(
        """
        <h2>How to read it</h2>
        <p>Accuracy is the mean over seeds ± one standard deviation, on validation data that no choice
        has seen. Size is the share of the teacher's parameters that was asked for, kept what came of
        it. Latency is of one sample on one thread, each network in turn with the teacher in one run;
        time is its median over the teacher's. Samples counts a training sample each time it was in a
        batch; heirs also see a few hundred for calibration and about a thousand for recalibration,
        without gradients. Seconds are wall-clock; one inheritance makes every size of its method and
        counts for each.</p>
        """);
  }

  private static void settings(StringBuilder page, ComparisonResult result) {
    page.append("<h2>Settings</h2>\n<dl>\n");
    result.settings().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(setting -> !setting.getValue().isBlank())
        .forEach(
            setting ->
                page.append("<dt>")
                    .append(escaped(setting.getKey()))
                    .append("</dt><dd>")
                    .append(escaped(setting.getValue()))
                    .append("</dd>\n"));
    page.append("</dl>\n");
  }
}
