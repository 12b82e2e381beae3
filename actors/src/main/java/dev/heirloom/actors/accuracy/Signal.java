package dev.heirloom.actors.accuracy;

/**
 * One number per window that stays where it is as long as what a device sees does: its reference,
 * and two sums that grow where it leaves that.
 *
 * <p>A self-starting CUSUM: each window is compared with the mean and spread of those before, which
 * makes it normally distributed from the first on, however few these are (D. M. Hawkins, The
 * Statistician 36, 1987, 299–316; E. S. Page, Biometrika 41, 1954, 100–115).
 *
 * @param mean weighted mean of the reference
 * @param squares weighted sum of the squared distances from it
 * @param up sum of what windows were above it, in standard deviations
 * @param down sum of what they were below it
 * @param recent moving average of the newest windows
 * @param shifted whether it left its reference and has not come back
 */
record Signal(double mean, double squares, double up, double down, double recent, boolean shifted) {

  static final Signal BLANK = new Signal(0, 0, 0, 0, 0, false);

  /** Distance that is taken from each window: half of the shift that is looked for. */
  static final double SLACK = 1;

  /** Sum at which the signal has shifted, in standard deviations. */
  static final double ALARM = 6;

  /**
   * Sum above which windows are not taken into the reference, or a shift would become part of it.
   */
  private static final double SUSPICIOUS = 2;

  /** A single window, however odd, counts as so many standard deviations at most. */
  private static final double MOST_DISTANCE = 4;

  private static final double GAIN = 0.3;

  /** Whether nothing speaks for a shift. */
  boolean quiet() {
    return !shifted && up <= SUSPICIOUS && down <= SUSPICIOUS;
  }

  /** With a window's value; the reference stays. */
  Signal compared(double value, double distance) {
    double bounded = Math.max(-MOST_DISTANCE, Math.min(MOST_DISTANCE, distance));
    double above = grown(up, bounded);
    double below = grown(down, -bounded);
    boolean now = shifted ? above > 0 || below > 0 : above >= ALARM || below >= ALARM;
    return new Signal(mean, squares, above, below, recent + GAIN * (value - recent), now);
  }

  /** With a window's value in the reference, which weighed {@code before}. */
  Signal learnt(double value, double weight, double before) {
    double step = value - mean;
    double next = mean + step * weight / (before + weight);
    return new Signal(
        next,
        squares + weight * step * (value - next),
        up,
        down,
        before == 0 ? value : recent,
        shifted);
  }

  /**
   * How far a value is from the reference: a standard normal deviate, where nothing changed.
   *
   * @param weight the window's
   * @param windows in the reference, at least 2
   * @param before what these weigh
   * @param leastSquare variance of one unit of weight that is assumed at least
   */
  double distance(double value, double weight, int windows, double before, double leastSquare) {
    double square = Math.max(leastSquare, squares / (windows - 1));
    double t = (value - mean) / Math.sqrt(square * (1 / weight + 1 / before));
    return normal(t, windows - 1);
  }

  /** Student's t as a normal deviate (D. L. Wallace, Ann. Math. Statist. 30, 1959, 1121–1130). */
  static double normal(double t, int degrees) {
    double scale = (8.0 * degrees + 1) / (8.0 * degrees + 3);
    return Math.signum(t) * scale * Math.sqrt(degrees * Math.log1p(t * t / degrees));
  }

  private static double grown(double sum, double distance) {
    return Math.max(0, Math.min(2 * ALARM, sum + distance - SLACK));
  }
}
