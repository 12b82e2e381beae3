package dev.heirloom.control.compare;

import dev.heirloom.control.chart.Page;
import java.util.List;
import java.util.Map;

/** A comparison as one HTML page, with its charts in it. */
final class ReportPage {
  private static final String READING =
      """
      Accuracy is the mean over seeds ± one standard deviation, on validation data that no choice
      has seen. Size is the share of the teacher's parameters that was asked for, kept what came of
      it. Latency is of one sample on one thread, each network in turn with the teacher in one run;
      time is its median over the teacher's. Samples counts a training sample each time it was in a
      batch; heirs also see a few hundred for calibration and about a thousand for recalibration,
      without gradients. Seconds are wall-clock; one inheritance makes every size of its method and
      counts for each.
      """;

  private ReportPage() {}

  static String of(ComparisonResult result, List<ScatterChart> charts) {
    Page page = new Page("Heirs of " + result.teacher().name() + " in comparison");
    page.table(ComparisonTexts.HEADINGS, ComparisonTexts.lines(result), ReportPage::standsOut)
        .bullets(result.notes());
    charts.forEach(page::chart);
    return page.heading("Methods")
        .terms(methods(result))
        .heading("How to read it")
        .paragraph(READING)
        .heading("Settings")
        .terms(settings(result))
        .html();
  }

  private static boolean standsOut(List<String> line) {
    return line.get(0).equals("teacher") || line.get(0).equals(ComparedMethod.HEIRLOOM.title());
  }

  private static List<Map.Entry<String, String>> methods(ComparisonResult result) {
    return result.rows().stream()
        .map(Row::method)
        .distinct()
        .map(method -> Map.entry(method.letter() + ", " + method.title(), method.description()))
        .toList();
  }

  private static List<Map.Entry<String, String>> settings(ComparisonResult result) {
    return result.settings().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(setting -> !setting.getValue().isBlank())
        .toList();
  }
}
