package dev.heirloom.inheritance.quantization;

/** The range of a tensor's values, and how often they fall where in it. */
final class Histogram {
  private static final int BINS = 4096;

  private final long[] counts = new long[BINS];
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private long total;

  void widen(float[] values) {
    for (float value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }

  /** Counts values once the range is known. */
  void count(float[] values) {
    double perBin = BINS / Math.max(most - least, Double.MIN_NORMAL);
    for (float value : values) {
      counts[(int) Math.max(0, Math.min(BINS - 1, (value - least) * perBin))]++;
    }
    total += values.length;
  }

  /**
   * A scale for all but the outermost values.
   *
   * @param coverage share of the values that are inside, above 0; 1 takes in every value
   */
  Scale scale(double coverage) {
    if (total == 0 || coverage >= 1) {
      return Scale.covering(least, most);
    }
    long outside = Math.round((1 - coverage) / 2 * total);
    int low = 0;
    for (long left = outside - counts[0]; left > 0; left -= counts[low]) {
      low++;
    }
    int high = BINS - 1;
    for (long left = outside - counts[high]; left > 0; left -= counts[high]) {
      high--;
    }
    double width = (most - least) / BINS;
    return Scale.covering(least + low * width, least + (high + 1) * width);
  }
}
