package dev.heirloom.runtime.sample;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which columns of a {@code .csv} file hold features and which hold labels. */
final class CsvColumns {

  private static final String LABEL = "label";

  private final int count;
  private final int[] labels;
  private final int[] features;
  private final List<Long> sampleDims;

  private CsvColumns(int count, int[] labels, List<Long> axes) {
    this.count = count;
    this.labels = labels;
    this.features =
        IntStream.range(0, count)
            .filter(column -> IntStream.of(labels).noneMatch(label -> label == column))
            .toArray();
    this.sampleDims = axes.contains(-1L) ? List.of((long) features.length) : axes;
  }

  /**
   * Reads them off the first line.
   *
   * @param headed whether the line names the columns
   * @param input the model's input; with a free axis, it must be its only one
   */
  static CsvColumns of(List<String> first, boolean headed, TensorSpec input, CsvLines lines)
      throws MalformedException {
    List<Long> axes = input.sampleDims();
    boolean free = axes.contains(-1L);
    if (axes.isEmpty() || (free && axes.size() > 1)) {
      throw lines.wrong(
          "a line cannot hold an input of axes %s (expected: fixed axes, or one)".formatted(axes));
    }
    int count = first.size();
    long wanted = free ? -1 : axes.stream().reduce(1L, CsvColumns::product);
    int[] named =
        headed
            ? IntStream.range(0, count).filter(i -> isLabel(first.get(i))).toArray()
            : new int[0];
    boolean lastIsLabel = named.length == 0 && count > 1 && (free || count == wanted + 1);
    int[] labels = lastIsLabel ? new int[] {count - 1} : named;
    CsvColumns columns = new CsvColumns(count, labels, axes);
    if (count > 0 && (free ? columns.features.length < 1 : columns.features.length != wanted)) {
      throw lines.wrong(
          "%d columns without the label's (expected: %s features)"
              .formatted(columns.features.length, free ? "1 or more" : Long.toString(wanted)));
    }
    return columns;
  }

  private static boolean isLabel(String name) {
    String lower = name.strip().toLowerCase(Locale.ROOT);
    return lower.equals(LABEL) || lower.startsWith(LABEL + "_");
  }

  private static long product(long a, long b) {
    return b != 0 && a > Integer.MAX_VALUE / b ? Integer.MAX_VALUE : a * b;
  }

  /** Columns of each line. */
  int count() {
    return count;
  }

  /** The labels' columns, from 0; none where there are no labels. */
  int[] labels() {
    return labels.clone();
  }

  /** The features' columns, from 0. */
  int[] features() {
    return features.clone();
  }

  /** The axes of one sample. */
  List<Long> sampleDims() {
    return sampleDims;
  }
}
