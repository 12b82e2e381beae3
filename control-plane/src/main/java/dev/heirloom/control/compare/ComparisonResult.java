package dev.heirloom.control.compare;

import java.util.List;
import java.util.Map;

/**
 * What a comparison came to.
 *
 * @param settings by name, for the reader
 * @param rows by method, then size, largest first
 * @param notes what was left out, and why
 */
public record ComparisonResult(
    Map<String, String> settings, TeacherFigures teacher, List<Row> rows, List<String> notes) {

  public ComparisonResult {
    settings = Map.copyOf(settings);
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /**
   * The teacher in float32.
   *
   * @param name of its file
   * @param accuracy share of validation labels met, 0..1
   * @param bytes of its file
   * @param p50Ns median latency, mean over the runs
   * @param p95Ns 95th percentile of the same
   */
  public record TeacherFigures(
      String name,
      double accuracy,
      long parameters,
      long macs,
      long bytes,
      long p50Ns,
      long p95Ns) {}
}
