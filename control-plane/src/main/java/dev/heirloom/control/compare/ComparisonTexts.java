package dev.heirloom.control.compare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison as a table and as JSON. */
final class ComparisonTexts {
  /** What the columns hold. */
  static final List<String> HEADINGS =
      List.of(
          "method",
          "size",
          "accuracy",
          "parameters",
          "kept",
          "MACs",
          "bytes",
          "p50",
          "p95",
          "time",
          "samples",
          "seconds");

  private ComparisonTexts() {}

  static Table table(ComparisonResult result) {
    Table table = new Table(HEADINGS.toArray(String[]::new));
    lines(result).forEach(line -> table.row(line.toArray(String[]::new)));
    return table;
  }

  /** The teacher and each row, a text for each heading. */
  static List<List<String>> lines(ComparisonResult result) {
    ComparisonResult.TeacherFigures teacher = result.teacher();
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "teacher",
            "",
            Figures.percent(teacher.accuracy()),
            Figures.count(teacher.parameters()),
            "",
            Figures.millions(teacher.macs()),
            Figures.bytes(teacher.bytes()),
            Figures.milliseconds(teacher.p50Ns()),
            Figures.milliseconds(teacher.p95Ns()),
            "",
            "",
            ""));
    result.rows().forEach(row -> lines.add(line(row, teacher)));
    return lines;
  }

  private static List<String> line(Row row, ComparisonResult.TeacherFigures teacher) {
    String size =
        row.size().isPresent() ? String.format(Locale.ROOT, "%.2f", row.size().getAsDouble()) : "";
    return List.of(
        row.method().title(),
        size,
        accuracy(row.accuracy()),
        Figures.count(Math.round(row.parameters().mean())),
        Figures.ratio(row.parameters().mean() / teacher.parameters()),
        Figures.millions(Math.round(row.macs().mean())),
        Figures.bytes(Math.round(row.bytes().mean())),
        Figures.milliseconds(row.p50Ns()),
        Figures.milliseconds(row.p95Ns()),
        Figures.ratio(row.timeRatio().mean()),
        Figures.count(Math.round(row.samplesSeen().mean())),
        String.format(Locale.ROOT, "%.0f", row.seconds().mean()));
  }

  /** As in {@code 91.32 ± 0.21 %}. */
  static String accuracy(Spread spread) {
    return String.format(
        Locale.ROOT, "%.2f ± %.2f %%", 100 * spread.mean(), 100 * spread.deviation());
  }

  static ObjectNode json(ComparisonResult result) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ObjectNode settings = node.putObject("settings");
    result.settings().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
    ComparisonResult.TeacherFigures teacher = result.teacher();
    node.putObject("teacher")
        .put("accuracy", Figures.rounded(teacher.accuracy()))
        .put("parameters", teacher.parameters())
        .put("macs", teacher.macs())
        .put("bytes", teacher.bytes())
        .put("latency_ms_p50", Figures.ms(teacher.p50Ns()))
        .put("latency_ms_p95", Figures.ms(teacher.p95Ns()));
    node.putArray("rows");
    result.rows().forEach(row -> node.withArray("rows").add(json(row)));
    node.putArray("notes");
    result.notes().forEach(note -> node.withArray("notes").add(note));
    return node;
  }

  private static ObjectNode json(Row row) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("method", row.method().title());
    row.size().ifPresent(size -> node.put("size", size));
    node.put("seeds", row.cells().size())
        .put("accuracy", Figures.rounded(row.accuracy().mean()))
        .put("accuracy_deviation", Figures.rounded(row.accuracy().deviation()))
        .put("agreement", Figures.rounded(row.agreement().mean()))
        .put("parameters", Math.round(row.parameters().mean()))
        .put("macs", Math.round(row.macs().mean()))
        .put("bytes", Math.round(row.bytes().mean()))
        .put("latency_ms_p50", Figures.ms(row.p50Ns()))
        .put("latency_ms_p95", Figures.ms(row.p95Ns()))
        .put("latency_ratio", Figures.rounded(row.timeRatio().mean()))
        .put("latency_ratio_deviation", Figures.rounded(row.timeRatio().deviation()))
        .put("samples_seen", Math.round(row.samplesSeen().mean()))
        .put("seconds", Math.round(row.seconds().mean() * 10) / 10.0);
    row.cells().forEach(cell -> node.withArray("cells").add(CellStore.json(cell)));
    return node;
  }
}
