package dev.heirloom.control.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns: the first column to the left, the others to the right. */
public final class Table {
  private static final String GAP = "   ";

  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... headings) {
    rows.add(List.of(headings));
  }

  /** Adds a row of as many cells as there are headings. */
  public Table row(String... cells) {
    int expected = rows.get(0).size();
    if (cells.length != expected) {
      throw new IllegalArgumentException(
          "cells: " + cells.length + " (expected: " + expected + ")");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, headings first, without trailing blanks. */
  public List<String> lines() {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String blanks = " ".repeat(widths[column] - row.get(column).length());
      line.append(column == 0 ? "" : GAP + blanks)
          .append(row.get(column))
          .append(column == 0 ? blanks : "");
    }
    return line.toString().stripTrailing();
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
