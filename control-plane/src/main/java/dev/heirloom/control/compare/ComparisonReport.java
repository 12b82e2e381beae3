package dev.heirloom.control.compare;

import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes a comparison's report: a page that needs nothing from outside, two images, figures. */
public final class ComparisonReport {
  /** Name of the page. */
  public static final String PAGE = "report.html";

  private ComparisonReport() {}

  /**
   * Writes every file.
   *
   * @param directory that is there
   * @return a line for each file that could not be made
   */
  public static List<String> write(ComparisonResult result, Path directory) throws IOException {
    ScatterChart parameters = ScatterChart.parameters(result);
    ScatterChart latency = ScatterChart.latency(result);
    text(directory.resolve("results.json"), ComparisonTexts.json(result) + "\n");
    text(directory.resolve(PAGE), ReportPage.of(result, List.of(parameters, latency)));
    List<String> problems = new ArrayList<>();
    parameters.writeImage(directory.resolve("accuracy-parameters.png")).ifPresent(problems::add);
    latency.writeImage(directory.resolve("accuracy-latency.png")).ifPresent(problems::add);
    return problems;
  }

  private static void text(Path file, String text) throws IOException {
    DurableFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
