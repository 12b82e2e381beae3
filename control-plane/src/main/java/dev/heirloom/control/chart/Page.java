package dev.heirloom.control.chart;

import static dev.heirloom.control.chart.SvgCanvas.escaped;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A report as one HTML page that needs nothing from outside. */
public final class Page {
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
      tr.own { font-weight: 600; }
      svg { width: 100%; height: auto; margin: 1em 0; border: 1px solid #ddd; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2em 1em; }
      dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
      """;

  private final StringBuilder body = new StringBuilder();
  private final String title;

  public Page(String title) {
    this.title = title;
  }

  /** Adds a table; rows that are the reader's own stand out. */
  public Page table(List<String> headings, List<List<String>> rows, Predicate<List<String>> own) {
    body.append("<div class=\"wide\"><table>\n<thead><tr>");
    headings.forEach(
        heading -> body.append("<th scope=\"col\">").append(escaped(heading)).append("</th>"));
    body.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      body.append(own.test(row) ? "<tr class=\"own\">" : "<tr>");
      row.forEach(cell -> body.append("<td>").append(escaped(cell)).append("</td>"));
      body.append("</tr>\n");
    }
    body.append("</tbody>\n</table></div>\n");
    return this;
  }

  /** Adds lines with bullets; nothing where there is none. */
  public Page bullets(List<String> lines) {
    if (!lines.isEmpty()) {
      body.append("<ul>\n");
      lines.forEach(line -> body.append("<li>").append(escaped(line)).append("</li>\n"));
      body.append("</ul>\n");
    }
    return this;
  }

  public Page chart(Chart chart) {
    body.append(chart.element());
    return this;
  }

  public Page heading(String text) {
    body.append("<h2>").append(escaped(text)).append("</h2>\n");
    return this;
  }

  public Page paragraph(String text) {
    body.append("<p>").append(escaped(text.strip())).append("</p>\n");
    return this;
  }

  /** Adds terms with what each means. */
  public Page terms(List<Map.Entry<String, String>> terms) {
    body.append("<dl>\n");
    terms.forEach(
        term ->
            body.append("<dt>")
                .append(escaped(term.getKey()))
                .append("</dt><dd>")
                .append(escaped(term.getValue()))
                .append("</dd>\n"));
    body.append("</dl>\n");
    return this;
  }

  /** The whole page. */
  public String html() {
    String text = escaped(title);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        + text
        + "</title>\n<style>\n"
        + STYLE
        + "</style>\n</head>\n<body>\n<h1>"
        + text
        + "</h1>\n"
        + body
        + "</body>\n</html>\n";
  }
}
