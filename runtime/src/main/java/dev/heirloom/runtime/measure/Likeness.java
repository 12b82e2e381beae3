package dev.heirloom.runtime.measure;

/** How near numbers are to numbers that they should equal. */
public final class Likeness {

  private Likeness() {}

  /**
   * What is left unexplained: {@code Σ (expected − actual)² / Σ (expected − mean)²}, which is
   * {@code 1 − R²}. The mean is each column's over the rows.
   *
   * @param expected rows × columns
   * @param actual in the same layout
   * @param columns from 1
   * @return from 0, for equal values; infinite where values that never vary are not met
   */
  public static double unexplained(float[] expected, float[] actual, int columns) {
    checkLayout(expected, actual, columns);
    double[] means = new double[columns];
    int rows = expected.length / columns;
    for (int i = 0; i < expected.length; i++) {
      means[i % columns] += (double) expected[i] / rows;
    }
    double error = 0;
    double spread = 0;
    for (int i = 0; i < expected.length; i++) {
      double missed = (double) expected[i] - actual[i];
      double apart = expected[i] - means[i % columns];
      error += missed * missed;
      spread += apart * apart;
    }
    return error == 0 ? 0 : error / spread;
  }

  /**
   * The mean cosine between rows; two rows of zeros are alike, one against another is not.
   *
   * @param expected rows × columns
   * @param actual in the same layout
   * @param columns from 1
   * @return −1..1
   */
  public static double cosine(float[] expected, float[] actual, int columns) {
    checkLayout(expected, actual, columns);
    double sum = 0;
    for (int start = 0; start < expected.length; start += columns) {
      double product = 0;
      double one = 0;
      double other = 0;
      for (int i = start; i < start + columns; i++) {
        product += (double) expected[i] * actual[i];
        one += (double) expected[i] * expected[i];
        other += (double) actual[i] * actual[i];
      }
      double lengths = Math.sqrt(one) * Math.sqrt(other);
      sum += lengths == 0 ? (one == other ? 1 : 0) : product / lengths;
    }
    return sum * columns / expected.length;
  }

  /**
   * Elements of one vector of an output whose directions are compared: the last axis, or all of a
   * sample where there are more than three axes.
   *
   * @param dims the output's axes, batch first
   * @return 1 or more
   */
  public static int vector(long[] dims) {
    long elements = 1;
    for (int axis = dims.length > 3 ? 1 : Math.max(1, dims.length - 1);
        axis < dims.length;
        axis++) {
      elements *= dims[axis];
    }
    return Math.toIntExact(Math.max(1, elements));
  }

  /** A measure as a share, 0..1; what is no number is 0. */
  static double share(double measure) {
    return measure > 0 ? Math.min(1, measure) : 0;
  }

  private static void checkLayout(float[] expected, float[] actual, int columns) {
    if (expected.length == 0
        || expected.length != actual.length
        || columns < 1
        || expected.length % columns != 0) {
      throw new IllegalArgumentException(
          "values: %d and %d in rows of %d (expected: as many of both, in whole rows)"
              .formatted(expected.length, actual.length, columns));
    }
  }
}
