package dev.heirloom.actors.accuracy;

/**
 * An estimate with the interval that holds the truth in 95 of 100 cases.
 *
 * @param estimate what was observed
 * @param lower lower end
 * @param upper upper end
 */
public record Interval(double estimate, double lower, double upper) {

  /** Two-sided 95 % of the normal distribution. */
  static final double Z = 1.959964;

  /**
   * The score interval of a share (E. B. Wilson, J. Amer. Statist. Assoc. 22, 1927, 209–212).
   *
   * @param labels trials, above 0; need not be whole
   * @param correct how many of them succeeded
   */
  public static Interval ofShare(double labels, double correct) {
    double share = correct / labels;
    double z2 = Z * Z / labels;
    double middle = (share + z2 / 2) / (1 + z2);
    double half = Z * Math.sqrt(share * (1 - share) / labels + z2 / (4 * labels)) / (1 + z2);
    return new Interval(
        share, clamp(Math.min(share, middle - half)), clamp(Math.max(share, middle + half)));
  }

  /**
   * The interval of the difference of two shares of the same samples: Wald's with half a sample
   * more in each of the four cells (A. Agresti and Y. Min, Statist. Med. 24, 2005, 729–740).
   *
   * @param pairs samples, above 0
   * @param gained samples that the second alone has right less those that the first alone has
   * @param discordant samples that one of them alone has right, at least {@code |gained|}
   */
  static Interval ofPairedDifference(double pairs, double gained, double discordant) {
    double all = pairs + 2;
    double difference = gained / all;
    double half = Z * Math.sqrt((discordant + 1) - gained * gained / all) / all;
    return new Interval(
        gained / pairs, Math.max(-1, difference - half), Math.min(1, difference + half));
  }

  private static double clamp(double share) {
    return Math.max(0, Math.min(1, share));
  }
}
